#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/load/endpoint.hpp"

namespace tableforge::load {

/// Connects a socket and upgrades it to a WebSocket, whose frames are then the caller's. An empty subprotocol is not
/// asked for. Returns what the server sent behind its answer. Without a limit of its own, like dial().
/// Errors: not_found, invalid, unauthorized, forbidden or unavailable as the upgrade was answered; otherwise
/// unavailable.
boost::asio::awaitable<Result<std::string>> open_websocket(boost::asio::ip::tcp::socket &socket, Endpoint endpoint,
                                                           std::string target, std::string subprotocol,
                                                           int receive_bytes = 0);

}  // namespace tableforge::load
