#include "load/ws_upgrade.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>

#include "tableforge/ws/handshake.hpp"

#include "load/dial.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

namespace {

namespace http = boost::beast::http;

Result<void> refusal(unsigned status) {
  switch (status) {
    case 400: return fail(Errc::invalid, "the upgrade was refused: 400 Bad Request");
    case 401: return fail(Errc::unauthorized, "the upgrade was refused: 401 Unauthorized");
    case 403: return fail(Errc::forbidden, "the upgrade was refused: 403 Forbidden");
    case 404: return fail(Errc::not_found, "the upgrade was refused: 404 Not Found");
    case 429:
    case 503: return fail(Errc::unavailable, "the upgrade was refused: try again later");
    default: return fail(Errc::invalid, "the upgrade was not answered by 101 Switching Protocols");
  }
}

Result<void> judge(http::response<http::empty_body> const &answer, std::string_view key, std::string_view subprotocol) {
  if (answer.result_int() != 101) return refusal(answer.result_int());
  if (!http::token_list(answer[http::field::upgrade]).exists("websocket") ||
      !http::token_list(answer[http::field::connection]).exists("upgrade") ||
      answer[http::field::sec_websocket_accept] != ws::accept_key(key)) {
    return fail(Errc::invalid, "the upgrade was answered wrongly");
  }
  if (answer[http::field::sec_websocket_protocol] != subprotocol) {
    return fail(Errc::invalid, "the server chose another subprotocol");
  }
  return {};
}

}  // namespace

asio::awaitable<Result<std::string>> open_websocket(asio::ip::tcp::socket &socket, Endpoint endpoint,
                                                    std::string target, std::string subprotocol, int receive_bytes) {
  if (auto dialled = co_await dial(socket, endpoint, receive_bytes); !dialled) {
    co_return std::unexpected(dialled.error());
  }
  auto const key = ws::make_key();
  http::request<http::empty_body> request(http::verb::get, target, 11);
  request.set(http::field::host, endpoint.text());
  request.set(http::field::user_agent, "tableforge");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::sec_websocket_version, "13");
  request.set(http::field::sec_websocket_key, key);
  if (!subprotocol.empty()) request.set(http::field::sec_websocket_protocol, subprotocol);
  auto [write_code, written] = co_await http::async_write(socket, request, asio::as_tuple(asio::use_awaitable));
  if (write_code) co_return fail(Errc::unavailable, "the connection ended during the upgrade");

  boost::beast::flat_buffer received;
  http::response_parser<http::empty_body> parser;
  parser.skip(true);  // What follows the header of a 101 is frames, and of a refusal nothing we need.
  auto [read_code, read] =
      co_await http::async_read_header(socket, received, parser, asio::as_tuple(asio::use_awaitable));
  if (read_code) co_return fail(Errc::unavailable, "the connection ended during the upgrade");
  if (auto judged = judge(parser.get(), key, subprotocol); !judged) {
    co_return std::unexpected(judged.error());
  }

  // The server may have spoken already, behind its answer.
  co_return std::string(static_cast<char const *>(received.data().data()), received.size());
}

}  // namespace tableforge::load
