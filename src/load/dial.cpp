#include "load/dial.hpp"

#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tableforge::load {

namespace asio = boost::asio;

asio::awaitable<Result<void>> dial(asio::ip::tcp::socket &socket, Endpoint endpoint, int receive_bytes) {
  asio::ip::tcp::resolver resolver(socket.get_executor());
  auto const port = std::to_string(endpoint.port);
  auto [resolve_code, addresses] = co_await resolver.async_resolve(
      endpoint.host, port, asio::ip::tcp::resolver::numeric_service, asio::as_tuple(asio::use_awaitable));
  if (resolve_code) co_return fail(Errc::unavailable, "the server's name cannot be resolved");
  for (auto const &address : addresses) {
    boost::system::error_code code;
    socket.close(code);
    socket.open(address.endpoint().protocol(), code);
    if (!code && receive_bytes > 0) socket.set_option(asio::socket_base::receive_buffer_size(receive_bytes), code);
    if (code) continue;
    auto const [failed] = co_await socket.async_connect(address.endpoint(), asio::as_tuple(asio::use_awaitable));
    if (failed == asio::error::operation_aborted) break;  // The caller gave up, and wants no other address.
    if (failed) continue;
    socket.set_option(asio::ip::tcp::no_delay(true), code);
    co_return Result<void>{};
  }
  co_return fail(Errc::unavailable, "the server cannot be connected to");
}

}  // namespace tableforge::load
