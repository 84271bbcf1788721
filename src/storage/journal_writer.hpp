#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/knobs/knobs.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/metrics/catalogue.hpp"

#include "storage/append_queue.hpp"
#include "storage/availability.hpp"
#include "storage/backoff.hpp"
#include "storage/connection.hpp"
#include "storage/failure.hpp"

namespace tableforge::storage {

/// One session that carries batches of appends into commit_row, and stays with each batch until all of it has an
/// outcome: a broken connection, a server that is away and a deadlock are this class's business, not its callers'.
///
/// Threads: run() is one thread's whole life.
/// Bounds:  `journal_batch_rows_max` and `journal_overlap_rows` are read for each batch; a batch holds at most 64 KiB
/// of bodies, or one append.
class JournalWriter {
 public:
  struct Shared {
    std::string conninfo;
    std::chrono::milliseconds statement_timeout;
    AppendQueue &queue;
    Watchdog &watchdog;
    Availability &availability;
    Knobs const &knobs;
    metrics::JournalMetrics &metrics;
  };

  explicit JournalWriter(Shared shared);

  /// Returns when the queue is closed and drained, or abandoned.
  void run();

 private:
  using Batch = std::vector<PendingAppend>;
  using Outcomes = std::vector<host::Appended>;

  void commit(Batch batch);
  /// The outcome of every append, in the batch's order; or throws, and then nothing is known.
  Outcomes attempt(Batch const &batch);
  void connect();
  /// Makes ready for the next attempt, waiting if that makes sense.
  void recover(Failure const &failure, Batch const &batch);
  void refuse_oversized(Batch &batch);
  void finish(PendingAppend &pending, host::Appended outcome);

  Shared shared_;
  std::optional<Connection> connection_;
  int failures_in_a_row_ = 0;
  Backoff away_;
  Backoff contended_;
  log::Limited failures_;
};

}  // namespace tableforge::storage
