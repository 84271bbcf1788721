#pragma once

#include <string>
#include <thread>

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/redis/client.hpp"
#include "tableforge/storage/connection_pool.hpp"

#include "app/readiness.hpp"

namespace tableforge::app {

/// Asks PostgreSQL once a second whether it answers, and Redis' client what it knows, so that /readyz tells the truth
/// also of a server on which nobody plays.
///
/// On a session of its own: a pool that is busy is not a database that is away.
///
/// Threads: its own.
/// Owns:    the thread and the session.
/// Errors:  none; they are what it reports.
class BackendWatch {
 public:
  BackendWatch(std::string const &database_url, redis::Client const &redis, Readiness &readiness,
               metrics::StorageMetrics &metrics);
  ~BackendWatch();
  BackendWatch(BackendWatch const &) = delete;
  BackendWatch &operator=(BackendWatch const &) = delete;

 private:
  void look(std::stop_token const &stop, redis::Client const &redis, Readiness &readiness);

  storage::ConnectionPool session_;
  std::jthread thread_;
};

}  // namespace tableforge::app
