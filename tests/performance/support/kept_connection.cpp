#include "performance/support/kept_connection.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace tableforge::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;

struct KeptConnection::Line {
  asio::io_context context;
  asio::ip::tcp::socket socket{context};
  boost::beast::flat_buffer buffer;
};

KeptConnection::KeptConnection(std::uint16_t port) : line_(std::make_unique<Line>()) {
  line_->socket.connect({asio::ip::make_address("127.0.0.1"), port});
  line_->socket.set_option(asio::ip::tcp::no_delay(true));
}

KeptConnection::~KeptConnection() = default;
KeptConnection::KeptConnection(KeptConnection &&) noexcept = default;

Answer KeptConnection::ask(std::string const &method, std::string const &target, std::string const &token,
                           std::string const &body) {
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, "127.0.0.1");
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  http::write(line_->socket, request);
  http::response<http::string_body> response;
  http::read(line_->socket, line_->buffer, response);
  return {.status = response.result_int(), .body = std::move(response.body()), .headers = {}};
}

}  // namespace tableforge::test
