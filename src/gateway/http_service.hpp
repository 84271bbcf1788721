#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tableforge/gateway/http.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/scope.hpp"

#include "gateway/connection_limit.hpp"
#include "gateway/edge.hpp"
#include "gateway/upgrade.hpp"

namespace tableforge::gateway {

namespace asio = boost::asio;

/// The HTTP connections of one server on one shard.
///
/// Threads: the shard's only.
/// Owns:    the connections, as tasks of its scope; each keeps the service alive.
class HttpService : public std::enable_shared_from_this<HttpService> {
 public:
  /// Where requests go that match no pattern; the metrics show them as "other".
  static constexpr std::size_t kOtherRoute = std::numeric_limits<std::size_t>::max();

  struct Parts {
    runtime::Shard &shard;
    Router const &router;
    metrics::GatewayMetrics &metrics;
    std::size_t first_route = 0;
    std::function<void(Upgrade)> upgrade = nullptr;  ///< Takes a table's socket over; without it there are none.
    std::span<std::string const> allowed_origins{};  ///< Whose pages may open one; none: everybody's. Outlives this.
    Edge const *edge = nullptr;                      ///< Who may speak for others; without it nobody. Outlives this.
    Addresses *addresses = nullptr;                  ///< What one address may do; without it anything. Outlives this.
  };

  explicit HttpService(Parts parts);

  [[nodiscard]] runtime::Scope &scope() { return scope_; }
  void serve(asio::ip::tcp::socket socket, ConnectionSlot slot);

  /// Keeps no connection alive any longer than its current request.
  void drain() { draining_ = true; }
  /// drain(), then waits until no request is being served or the limit has passed, and ends all connections.
  [[nodiscard]] asio::awaitable<void> close(std::chrono::steady_clock::duration limit);

 private:
  friend class HttpConnection;

  Parts parts_;
  runtime::Scope scope_;
  bool draining_ = false;
  std::size_t requests_ = 0;  // Being served now.
};

}  // namespace tableforge::gateway
