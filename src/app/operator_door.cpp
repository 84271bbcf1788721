#include "app/operator_door.hpp"

#include <chrono>
#include <utility>

#include "app/vocabulary.hpp"

namespace tableforge::app {

namespace {

/// A scrape that is under way may end; nobody waits longer for it.
constexpr std::chrono::milliseconds kStopLimit{500};

gateway::Router routes(AdminParts parts) {
  gateway::Router router;
  add_admin_routes(router, std::move(parts));
  return router;
}

}  // namespace

OperatorDoor::OperatorDoor(config::Settings const &settings, metrics::GatewayMetrics &metrics, AdminParts parts)
    : thread_(1, runtime_),
      router_(routes(std::move(parts))),
      server_({.shard = thread_[0],
               .router = router_,
               .metrics = metrics,
               .address = settings.admin_address,
               .port = settings.admin_port,
               .first_route = first_admin_route()}) {}

OperatorDoor::~OperatorDoor() {
  if (started_) server_.stop(kStopLimit);
  thread_.stop();
  thread_.join();
  thread_[0].adopt_this_thread();
}

Result<void> OperatorDoor::open() {
  thread_.start();
  auto opened = server_.start();
  started_ = opened.has_value();
  return opened;
}

}  // namespace tableforge::app
