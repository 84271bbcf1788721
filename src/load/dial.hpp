#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/load/endpoint.hpp"

namespace tableforge::load {

/// Connects to the first address that answers. Without a limit of its own: it ends when the socket is closed or the
/// caller cancelled.
/// Errors: unavailable.
boost::asio::awaitable<Result<void>> dial(boost::asio::ip::tcp::socket &socket, Endpoint endpoint);

}  // namespace tableforge::load
