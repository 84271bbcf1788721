#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tableforge/host/ports/journal.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/storage/connection_pool.hpp"
#include "tableforge/storage/memory_journal.hpp"
#include "tableforge/storage/postgres_journal.hpp"
#include "tableforge/storage/schema.hpp"

#include "support/private_servers.hpp"

namespace tableforge::test {

/// Far longer than anything here takes, short enough to fail before ctest does.
inline constexpr std::chrono::seconds kPatience{60};

/// An empty database at the newest schema.
inline std::string migrated_database() {
  std::string url = PrivateServers::shared().fresh_database();
  auto const migrated = storage::migrate(url);
  if (!migrated) throw std::runtime_error("cannot migrate: " + std::string(migrated.error().text));
  return url;
}

/// A journal in PostgreSQL with all that it needs: one instance of the server, as far as the database can tell.
struct PostgresInstance {
  explicit PostgresInstance(std::string const &url, std::string const &journal_url = "", unsigned writers = 2,
                            std::chrono::milliseconds statement_timeout = std::chrono::seconds(10))
      : pool({.url = url}, storage_metrics),
        journal({.url = journal_url.empty() ? url : journal_url,
                 .writers = writers,
                 .statement_timeout = statement_timeout},
                pool, knobs, metrics) {}

  Knobs knobs;
  metrics::JournalMetrics metrics;
  metrics::StorageMetrics storage_metrics;
  storage::ConnectionPool pool;
  storage::PostgresJournal journal;
};

struct MemoryWorld {
  struct Instance {
    explicit Instance(std::shared_ptr<storage::MemoryRows> rows) : journal(std::move(rows)) {}
    [[nodiscard]] std::uint64_t retries() const { return 0; }
    storage::MemoryJournal journal;
  };
  std::unique_ptr<Instance> instance() { return std::make_unique<Instance>(rows); }
  std::shared_ptr<storage::MemoryRows> rows = std::make_shared<storage::MemoryRows>();
};

struct PostgresWorld {
  struct Instance : PostgresInstance {
    using PostgresInstance::PostgresInstance;
    [[nodiscard]] std::uint64_t retries() const { return metrics.retried.value(); }
  };
  std::unique_ptr<Instance> instance() { return std::make_unique<Instance>(url); }
  std::string const &url = shared_url();

 private:
  static std::string const &shared_url() {
    static std::string const url = migrated_database();
    return url;
  }
};

inline host::Append make_append(TableId table, Seq first_seq, std::uint32_t n = 1, std::string body = "[]") {
  return {.table = table,
          .first_seq = first_seq,
          .n = n,
          .append_id = Uuid::random(),
          .at = wall_clock_now(),
          .body = std::move(body)};
}

inline std::future<host::Appended> start_append(host::Journal &journal, host::Append append) {
  std::promise<host::Appended> promise;
  auto future = promise.get_future();
  journal.append(std::move(append),
                 [promise = std::move(promise)](host::Appended outcome) mutable { promise.set_value(outcome); });
  return future;
}

/// The outcome, for which it waits.
inline host::Appended outcome_of(std::future<host::Appended> &future) {
  if (future.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("an append has no outcome");
  return future.get();
}

inline host::Appended append_and_wait(host::Journal &journal, host::Append append) {
  auto future = start_append(journal, std::move(append));
  return outcome_of(future);
}

inline TableId new_table() { return TableId(Uuid::random()); }

}  // namespace tableforge::test

/// gtest prints values of a failed comparison through this.
namespace tableforge::host {
inline void PrintTo(Appended outcome, std::ostream *out) {
  constexpr char const *kWords[] = {"committed", "lost", "refused", "cancelled"};
  *out << kWords[static_cast<std::size_t>(outcome)];
}
}  // namespace tableforge::host
