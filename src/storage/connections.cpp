#include "storage/connections.hpp"

#include "storage/conninfo.hpp"

namespace tableforge::storage {

Connections::Connections(ConnectionPool::Options options, metrics::StorageMetrics &metrics)
    : options_(std::move(options)),
      conninfo_(conninfo(options_.url).value_or("")),
      metrics_(metrics),
      failures_(std::chrono::seconds(5)) {}

Connections::~Connections() { close(); }

Result<Connections::Lease> Connections::acquire(Clock::time_point deadline, bool fresh) {
  std::vector<Held> stale;
  {
    std::unique_lock lock(mutex_);
    bool const in_time =
        returned_.wait_until(lock, deadline, [&] { return closed_ || lent_ < options_.connections_max; });
    if (closed_) return fail(Errc::cancelled, "the connection pool is closed");
    if (!in_time) return fail(Errc::overloaded, "all connections to PostgreSQL are busy");
    ++lent_;
    if (fresh) {
      // One that died of itself is rare; a server that was restarted has ended them all.
      stale.swap(idle_);
    } else if (!idle_.empty()) {
      // The one used last: it is the likeliest to live, and what is never needed stays idle.
      Held connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection), true);
    }
  }
  stale.clear();
  return open();
}

Result<Connections::Lease> Connections::open() {
  Held connection(nullptr, Closer{&metrics_});
  try {
    connection.reset(new Connection(conninfo_, options_.statement_timeout, watchdog_, options_.samples));
    metrics_.connections_open.add();
  } catch (...) {
    failures_.warn("PostgreSQL cannot be reached", {{"why", current_message()}});
    give_back(std::move(connection));
    return fail(Errc::unavailable, "PostgreSQL cannot be reached");
  }
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(lost_one_, false)) metrics_.reconnects.add();
  }
  return Lease(*this, std::move(connection), false);
}

void Connections::give_back(Held connection) {
  {
    std::lock_guard lock(mutex_);
    --lent_;
    if (!connection) {
      lost_one_ = true;
    } else if (!closed_) {
      idle_.push_back(std::move(connection));
    }
  }
  returned_.notify_one();
}

Error Connections::give_up(std::string_view what, Failure const &failure) {
  metrics_.queries_failed.add();
  failures_.warn("a query failed", {{"query", what}, {"why", failure.error()}, {"sqlstate", failure.sqlstate}});
  return failure.error();
}

Error Connections::give_up(std::string_view what, Error error) {
  metrics_.queries_failed.add();
  failures_.warn("a query failed", {{"query", what}, {"why", error}});
  return error;
}

void Connections::close() {
  std::vector<Held> idle;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    idle.swap(idle_);
  }
  returned_.notify_all();
  watchdog_.cut_all();
}

ConnectionPool::ConnectionPool(Options options, metrics::StorageMetrics &metrics)
    : connections_(std::make_unique<Connections>(std::move(options), metrics)) {}

ConnectionPool::~ConnectionPool() = default;

void ConnectionPool::close() { connections_->close(); }

}  // namespace tableforge::storage
