#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/load/endpoint.hpp"

namespace tableforge::load {

/// Connects to the first address that answers. Without a limit of its own: it ends when the socket is closed or the
/// caller cancelled. `receive_bytes`, if it is not 0, is how much the kernel may hold that was not read yet; it has to
/// be known before connecting, because TCP never takes back what it once offered to hold.
/// Errors: unavailable, also for an end by the caller.
boost::asio::awaitable<Result<void>> dial(boost::asio::ip::tcp::socket &socket, Endpoint endpoint,
                                          int receive_bytes = 0);

}  // namespace tableforge::load
