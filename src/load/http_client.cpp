#include "tableforge/load/http_client.hpp"

#include <charconv>
#include <cstddef>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "tableforge/runtime/timer.hpp"

#include "load/dial.hpp"

namespace tableforge::load {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t kAnswerBytesMax = 64 * 1024 * 1024;

http::verb verb_of(HttpRequest::Method method) {
  switch (method) {
    case HttpRequest::Method::get: return http::verb::get;
    case HttpRequest::Method::post: return http::verb::post;
    case HttpRequest::Method::put: return http::verb::put;
    case HttpRequest::Method::delete_: return http::verb::delete_;
  }
  return http::verb::get;
}

http::request<http::string_body> compose(Endpoint const &endpoint, HttpRequest const &request) {
  http::request<http::string_body> message(verb_of(request.method), request.target, 11);
  message.set(http::field::host, endpoint.text());
  message.set(http::field::user_agent, "tableforge");
  message.set(http::field::accept, "application/json");
  message.keep_alive(false);
  if (!request.token.empty()) message.set(http::field::authorization, "Bearer " + request.token);
  if (!request.body.empty()) message.set(http::field::content_type, "application/json");
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

std::optional<std::chrono::seconds> retry_after(http::response<http::string_body> const &answer) {
  auto const text = answer[http::field::retry_after];
  int seconds = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

asio::awaitable<Result<HttpResponse>> exchange(Endpoint endpoint, HttpRequest request) {
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  if (auto const dialled = co_await dial(socket, endpoint); !dialled) co_return std::unexpected(dialled.error());

  auto const message = compose(endpoint, request);
  auto [write_code, written] = co_await http::async_write(socket, message, asio::as_tuple(asio::use_awaitable));
  if (write_code) co_return fail(Errc::unavailable, "the connection ended while the request was sent");

  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerBytesMax);
  auto [read_code, read] = co_await http::async_read(socket, buffer, parser, asio::as_tuple(asio::use_awaitable));
  if (read_code) {
    if (read_code.category() == make_error_code(http::error::bad_version).category() &&
        read_code != http::error::end_of_stream && read_code != http::error::partial_message) {
      co_return fail(Errc::invalid, "the answer is not HTTP, or too large");
    }
    co_return fail(Errc::unavailable, "the connection ended before the answer");
  }
  auto answer = parser.release();
  co_return HttpResponse{
      .status = answer.result_int(), .body = std::move(answer.body()), .retry_after = retry_after(answer)};
}

}  // namespace

HttpClient::HttpClient(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

asio::awaitable<Result<HttpResponse>> HttpClient::request(HttpRequest request,
                                                          std::chrono::steady_clock::duration limit) const {
  co_return co_await runtime::with_deadline(exchange(endpoint_, std::move(request)), limit);
}

}  // namespace tableforge::load
