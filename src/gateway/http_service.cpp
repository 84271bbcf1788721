#include "gateway/http_service.hpp"

#include <algorithm>
#include <utility>

#include "tableforge/runtime/timer.hpp"

#include "gateway/http_connection.hpp"

namespace tableforge::gateway {

HttpService::HttpService(Parts parts) : parts_(std::move(parts)), scope_(parts_.shard) {}

void HttpService::serve(asio::ip::tcp::socket socket, ConnectionSlot slot) {
  runtime::spawn(scope_, "serve http", serve_http(shared_from_this(), std::move(socket), std::move(slot)));
}

asio::awaitable<void> HttpService::close(std::chrono::steady_clock::duration limit) {
  constexpr std::chrono::milliseconds kRound{10};
  auto const deadline = std::chrono::steady_clock::now() + limit;
  drain();
  while (requests_ > 0 && std::chrono::steady_clock::now() < deadline) co_await runtime::sleep_for(kRound);
  auto const left = deadline - std::chrono::steady_clock::now();
  static_cast<void>(co_await scope_.close(std::max<std::chrono::steady_clock::duration>(left, kRound)));
}

}  // namespace tableforge::gateway
