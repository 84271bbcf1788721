#pragma once

#include <cstdint>

#include "tableforge/config/settings.hpp"
#include "tableforge/gateway/http.hpp"
#include "tableforge/gateway/server.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/shards.hpp"

#include "app/admin_routes.hpp"

namespace tableforge::app {

/// The admin listener with a thread of its own, so that operators are answered before there is anything to serve, while
/// it drains, and when the tables' threads are busy.
///
/// Threads: its owner's.
/// Owns:    the thread, the routes and the listener.
/// Errors:  those of gateway::AdminServer::start().
class OperatorDoor {
 public:
  OperatorDoor(config::Settings const &settings, metrics::GatewayMetrics &metrics, AdminParts parts);
  ~OperatorDoor();
  OperatorDoor(OperatorDoor const &) = delete;
  OperatorDoor &operator=(OperatorDoor const &) = delete;

  [[nodiscard]] Result<void> open();
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
  metrics::RuntimeMetrics runtime_;  // Not exported: its turns would be taken for those of the tables' threads.
  runtime::Shards thread_;
  gateway::Router router_;
  gateway::AdminServer server_;
  bool started_ = false;
};

}  // namespace tableforge::app
