#include "load/dial.hpp"

#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tableforge::load {

namespace asio = boost::asio;

asio::awaitable<Result<void>> dial(asio::ip::tcp::socket &socket, Endpoint endpoint) {
  asio::ip::tcp::resolver resolver(socket.get_executor());
  auto const port = std::to_string(endpoint.port);
  auto [resolve_code, addresses] = co_await resolver.async_resolve(
      endpoint.host, port, asio::ip::tcp::resolver::numeric_service, asio::as_tuple(asio::use_awaitable));
  if (resolve_code) co_return fail(Errc::unavailable, "the server's name cannot be resolved");
  auto [code, address] = co_await asio::async_connect(socket, addresses, asio::as_tuple(asio::use_awaitable));
  if (code) co_return fail(Errc::unavailable, "the server cannot be connected to");
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return Result<void>{};
}

}  // namespace tableforge::load
