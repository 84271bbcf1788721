#include "load/ask.hpp"

#include <utility>

#include "tableforge/runtime/timer.hpp"

#include "load/trouble.hpp"

namespace tableforge::load {

namespace {

constexpr std::chrono::milliseconds kRetry{200};

}  // namespace

boost::asio::awaitable<Reply> ask(HttpClient const &http, HttpRequest request,
                                  std::chrono::steady_clock::duration limit, std::string who) {
  auto const give_up = std::chrono::steady_clock::now() + limit;
  for (;;) {
    auto const response = co_await http.request(request, limit);
    bool const in_time = std::chrono::steady_clock::now() < give_up;
    // A server that is just being restarted is asked again, but nothing is made twice.
    bool const away = !response && response.error().code == Errc::unavailable;
    if (away && in_time && request.method == HttpRequest::Method::get) {
      co_await runtime::sleep_for(kRetry);
      continue;
    }
    if (!response) throw Trouble(who + ": " + request.target + ": " + std::string(response.error().text));
    bool const busy = response->status == 429 || response->status == 503;
    if (busy && in_time) {
      co_await runtime::sleep_for(response->retry_after ? *response->retry_after : kRetry);
      continue;
    }
    if (response->status / 100 != 2) {
      throw Trouble(who + ": " + request.target + " was answered by " + std::to_string(response->status) + " " +
                    response->body.substr(0, 200));
    }
    co_return Reply{.bytes = response->body, .json = Json::parse(response->body)};
  }
}

}  // namespace tableforge::load
