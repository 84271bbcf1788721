#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/scope.hpp"

#include "gateway/connection_limit.hpp"

namespace tableforge::gateway {

namespace asio = boost::asio;

/// Accepts connections on one shard.
///
/// Several listeners share a port when each says so: the kernel then spreads new connections over them, without a
/// lock or a thread between. The first one binds the port, which may be 0; the others bind the one it got.
///
/// Threads: bind() and port() at boot; the rest on the shard's.
/// Owns:    the acceptor. Each socket goes to `accepted`, with Nagle's delay off.
/// Bounds:  the connection limit; past it a socket is closed at once and counted as `overloaded`.
/// Errors:  of bind(): invalid, conflict, unavailable. An accept that fails for want of files or memory is logged and
///          tried again, up to a second later: the backlog keeps the acceptor ready, so trying at once would spin.
class Listener {
 public:
  using Accepted = std::function<void(asio::ip::tcp::socket, ConnectionSlot)>;
  enum class Port : std::uint8_t { exclusive, shared };

  Listener(runtime::Scope &scope, ConnectionLimitPtr limit, metrics::GatewayMetrics &metrics, Accepted accepted);
  Listener(Listener const &) = delete;
  Listener &operator=(Listener const &) = delete;

  [[nodiscard]] Result<void> bind(asio::ip::tcp::endpoint const &endpoint, Port port);
  [[nodiscard]] std::uint16_t port() const { return port_; }

  void start();
  void stop();

 private:
  asio::awaitable<void> accept_all();
  void take(asio::ip::tcp::socket socket);

  runtime::Scope &scope_;
  ConnectionLimitPtr limit_;
  metrics::GatewayMetrics &metrics_;
  Accepted accepted_;
  asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
};

/// Whether a port that several listeners of ours are to share is free of others: the kernel would let a second server
/// of the same user join them in silence, and share its players with it.
[[nodiscard]] Result<void> check_free(asio::io_context &context, asio::ip::tcp::endpoint const &endpoint);

}  // namespace tableforge::gateway
