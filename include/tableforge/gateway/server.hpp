#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/gateway/address_limits.hpp"
#include "tableforge/gateway/http.hpp"
#include "tableforge/gateway/identity.hpp"
#include "tableforge/host/open_tables.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/shards.hpp"

/// What the composition root needs of the gateway: the two doors to the outside.
namespace tableforge::gateway {

/// How many sockets one server holds at most. 65,536 × 0.8 KB of a quiet session is 50 MB; what a burst of traffic
/// adds is bounded by the outboxes.
inline constexpr std::size_t kConnectionsMax = 65'536;

/// The host::Framer of this gateway: one WebSocket text frame.
void append_text_frame(std::string &out, std::string_view message);

/// HTTP and the tables' sockets for players: on each shard a listener, all of them on one port.
///
/// A request is served on the shard that accepted it, except that the socket of an upgrade moves to its table's shard.
///
/// Threads: its owner's, which is no shard. The shards run before start() or soon after it; stop() needs them running,
///          and they are stopped and joined before the server is destroyed.
/// Owns:    listeners, connections and sessions. Router, tables, knobs and metrics outlive it.
/// Bounds:  connections_max sockets; further ones are closed at once.
/// Errors:  of start(): invalid for an address or a block that is none, conflict for a port in use, else unavailable.
class PublicServer {
 public:
  struct Parts {
    runtime::Shards &shards;
    std::vector<host::OpenTables *> tables;  ///< One for each shard, in their order.
    Router const &router;
    TokenVerifier verify;
    Knobs const &knobs;
    metrics::GatewayMetrics &metrics;
    metrics::HostMetrics &host_metrics;
    std::string address;
    std::uint16_t port = 0;       ///< 0 = any free one.
    std::size_t first_route = 0;  ///< Where the router's patterns begin among the metrics' routes.
    std::size_t connections_max = kConnectionsMax;
    std::vector<std::string> allowed_origins{};  ///< Whose pages may open sockets; none: everybody's.
    std::vector<std::string> trusted_proxies{};  ///< Addresses and blocks that may say whom they speak for.
    bool proxy_protocol = false;                 ///< They say so before each connection, and nobody else connects.
    AddressLimits address_limits{};              ///< Not of trusted proxies: of those whom they speak for.
  };

  explicit PublicServer(Parts parts);
  ~PublicServer();
  PublicServer(PublicServer const &) = delete;
  PublicServer &operator=(PublicServer const &) = delete;

  [[nodiscard]] Result<void> start();
  /// The port that is listened on, once start() has succeeded.
  [[nodiscard]] std::uint16_t port() const;

  /// Takes no new connections; those that are open go on, but HTTP ones are not kept alive.
  void stop_accepting();
  /// Says goodbye to the sessions that no table has sent away (OpenTables::close does that first), lets requests
  /// finish, and at the limit ends what is left. Blocks.
  void stop(std::chrono::steady_clock::duration limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// HTTP for operators, on one shard and an address of its own.
///
/// Threads, Owns, Errors: as PublicServer.
/// Bounds:  64 connections: scrapers and probes are few, and whoever floods this one must not starve them of files.
class AdminServer {
 public:
  struct Parts {
    runtime::Shard &shard;
    Router const &router;
    metrics::GatewayMetrics &metrics;
    std::string address;
    std::uint16_t port = 0;
    std::size_t first_route = 0;
  };

  explicit AdminServer(Parts parts);
  ~AdminServer();
  AdminServer(AdminServer const &) = delete;
  AdminServer &operator=(AdminServer const &) = delete;

  [[nodiscard]] Result<void> start();
  [[nodiscard]] std::uint16_t port() const;
  void stop(std::chrono::steady_clock::duration limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tableforge::gateway
