#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "gateway/connection_limit.hpp"
#include "gateway/http_service.hpp"

namespace tableforge::gateway {

/// Serves one connection until it ends, or until it becomes a table's socket.
///
/// One request at a time. Answers by itself: 404 and 405 with Allow for what the router does not know, HEAD from the
/// route of GET, OPTIONS, 400 for what is not HTTP or has a target that cannot be understood, 431 and 413 past the
/// limits, and 500 with a problem document when a handler throws (internal_error()).
///
/// Bounds: a header of 8 KiB within 10 s, a body of 256 KiB within 30 s; 60 s between requests; 10 s for a response.
/// Errors: none; a connection that breaks or stalls is closed.
asio::awaitable<void> serve_http(std::shared_ptr<HttpService> service, asio::ip::tcp::socket socket,
                                 ConnectionSlot slot);

}  // namespace tableforge::gateway
