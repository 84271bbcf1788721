#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::storage {

class BindSamples;
class Connections;

/// A few sessions with PostgreSQL, shared by everything that asks it questions; the journal's writers have their own.
///
/// Made at the first need, and dropped when they break. A question that finds a session dead from before is asked
/// once more on a new one; all questions of this module may be asked twice.
///
/// Threads: any. Asking blocks.
/// Owns:    the sessions and one thread that watches their deadlines. Outlives the stores that use it.
/// Bounds:  `connections_max` sessions; who waits longer than `acquire_timeout` for one is told Errc::overloaded.
/// Errors:  of all that ask through it: unavailable, timeout, overloaded, cancelled after close().
class ConnectionPool {
 public:
  struct Options {
    std::string url;  ///< postgresql://… or key=value; never logged.
    std::size_t connections_max = 4;
    std::chrono::milliseconds acquire_timeout{5'000};
    std::chrono::milliseconds statement_timeout{10'000};
    BindSamples *samples = nullptr;  ///< Who is shown the values of its questions; outlives the pool.
  };

  ConnectionPool(Options options, metrics::StorageMetrics &metrics);
  ~ConnectionPool();
  ConnectionPool(ConnectionPool const &) = delete;
  ConnectionPool &operator=(ConnectionPool const &) = delete;

  /// Ends all questions, those that wait and those that come.
  void close();

  /// For the stores of this module.
  [[nodiscard]] Connections &connections() { return *connections_; }

 private:
  std::unique_ptr<Connections> connections_;
};

}  // namespace tableforge::storage
