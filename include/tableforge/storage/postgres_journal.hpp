#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tableforge/host/ports/journal.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/storage/connection_pool.hpp"

namespace tableforge::storage {

/// The journal in PostgreSQL.
///
/// A few writers, each with a session and a thread of its own, take whatever appends wait and commit them in one
/// statement; while it runs, the next batch gathers. They overlap across tables. Within one table the callers keep to
/// one append at a time.
///
/// Threads: as the port says. close() and the destructor block.
/// Owns:    the writers' threads and sessions, and a thread that watches their deadlines. `readers` outlives it.
/// Bounds:  a batch by `journal_batch_rows_max` and 64 KiB of bodies; a body of more than 64 MiB is refused.
/// Errors:  as the port says. Every wait on the database ends by itself: a statement after `statement_timeout` (and
///          then its append is tried again), a dead peer and an attempt to connect after seconds.
class PostgresJournal final : public host::Journal {
 public:
  struct Options {
    std::string url;  ///< postgresql://… or key=value; never logged. The primary, not a replica.
    unsigned writers = 2;
    std::chrono::milliseconds statement_timeout{10'000};
  };

  PostgresJournal(Options options, ConnectionPool &readers, Knobs const &knobs, metrics::JournalMetrics &metrics);
  /// As close(0).
  ~PostgresJournal() override;
  PostgresJournal(PostgresJournal const &) = delete;
  PostgresJournal &operator=(PostgresJournal const &) = delete;

  /// After close() the answer is `cancelled`, and comes before this returns, on the caller's thread.
  void append(std::vector<host::Appending> appends) override;
  using host::Journal::append;
  [[nodiscard]] bool available() const override;

  Result<std::vector<host::Row>> rows_after(TableId table, Seq after) override;
  Result<std::vector<host::Row>> rows_holding(TableId table, Seq from, Seq to) override;
  Result<std::vector<host::TableRow>> rows_newer(std::vector<std::pair<TableId, Seq>> known,
                                                 std::size_t rows_max) override;

  /// Takes no further appends, gives those that wait until `limit` to be committed, and cancels the rest. Every append
  /// has had its answer when this returns; a writer that is just connecting may add seconds to it. The readers go on.
  void close(std::chrono::steady_clock::duration limit);

 private:
  class Writers;

  ConnectionPool &readers_;
  std::unique_ptr<Writers> writers_;
};

}  // namespace tableforge::storage
