#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/storage/connection_pool.hpp"

#include "storage/connection.hpp"
#include "storage/failure.hpp"

namespace tableforge::storage {

/// The inside of ConnectionPool; its header says what can be relied on.
class Connections {
 public:
  Connections(ConnectionPool::Options options, metrics::StorageMetrics &metrics);
  ~Connections();
  Connections(Connections const &) = delete;
  Connections &operator=(Connections const &) = delete;

  /// Calls f(Connection &), which returns a Result and may throw what libpqxx throws. It may be called twice, so it
  /// must be such that the second time finds the first. `what` names the question in the log.
  template <class F>
  std::invoke_result_t<F &, Connection &> ask(std::string_view what, F f) {
    auto const begin = Clock::now();
    for (bool last = false;; last = true) {
      Result<Lease> lease = acquire(begin + options_.acquire_timeout, last);
      if (!lease) return std::unexpected(give_up(what, lease.error()));
      try {
        auto result = f(lease->connection());
        metrics_.query.record(Clock::now() - begin);
        return result;
      } catch (...) {
        Failure const failure = current_failure();
        if (failure.kind == Failure::Kind::broken || failure.kind == Failure::Kind::other) lease->discard();
        bool const worth_another =
            failure.kind == Failure::Kind::again || (failure.kind == Failure::Kind::broken && lease->reused());
        if (last || !worth_another) return std::unexpected(give_up(what, failure));
      }
    }
  }

  void close();

 private:
  using Clock = std::chrono::steady_clock;

  /// Keeps count of the open sessions.
  struct Closer {
    metrics::StorageMetrics *metrics;
    void operator()(Connection *connection) const {
      delete connection;
      metrics->connections_open.sub();
    }
  };
  using Held = std::unique_ptr<Connection, Closer>;

  /// A session on loan.
  class Lease {
   public:
    Lease(Connections &pool, Held connection, bool reused)
        : pool_(&pool), connection_(std::move(connection)), reused_(reused) {}
    Lease(Lease &&other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          connection_(std::move(other.connection_)),
          reused_(other.reused_) {}
    Lease &operator=(Lease &&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(connection_));
    }

    [[nodiscard]] Connection &connection() { return *connection_; }
    [[nodiscard]] bool reused() const { return reused_; }
    void discard() { connection_.reset(); }

   private:
    Connections *pool_;
    Held connection_;
    bool reused_;
  };

  /// `fresh`: no session that was used before, since those seem to be dead.
  Result<Lease> acquire(Clock::time_point deadline, bool fresh);
  Result<Lease> open();
  /// Nothing is given back for a session that broke, or could not be made.
  void give_back(Held connection);
  Error give_up(std::string_view what, Failure const &failure);
  Error give_up(std::string_view what, Error error);

  ConnectionPool::Options const options_;
  std::string const conninfo_;
  metrics::StorageMetrics &metrics_;
  Watchdog watchdog_;
  log::Limited failures_;
  std::mutex mutex_;  // Naked for the sake of the condition variable; it guards all that follows.
  std::condition_variable returned_;
  std::vector<Held> idle_;
  std::size_t lent_ = 0;
  bool lost_one_ = false;
  bool closed_ = false;
};

}  // namespace tableforge::storage
