#include "storage/journal_writer.hpp"

#include <array>
#include <unordered_set>
#include <utility>

#include "storage/commit_rows.hpp"

namespace tableforge::storage {

namespace {

using std::chrono::milliseconds;

/// Some 200 moves. A larger batch saves nothing more, and all in it wait for the whole: after a stall, the server would
/// do nothing while PostgreSQL reads megabytes, and PostgreSQL nothing while their effects are told. ADR 9 has the
/// figures.
constexpr std::size_t kBatchBytesMax = 64 * 1024;
/// Long against a commit, so that only one which is stuck holds up the others for so long, and no longer.
constexpr milliseconds kGatherMax{20};
/// Far above any action, far below what PostgreSQL refuses by ending the session (1 GB), which nobody could tell from a
/// lost connection: such a body would be tried for ever.
constexpr std::size_t kBodyBytesMax = 64 * 1024 * 1024;

// A restart of PostgreSQL takes about a second, so waiting longer than two only adds to it.
constexpr milliseconds kAwayFirst{50};
constexpr milliseconds kAwayLongest{2'000};
constexpr milliseconds kContendedFirst{2};
constexpr milliseconds kContendedLongest{100};

metrics::AppendOutcome counted_as(host::Appended outcome) {
  switch (outcome) {
    case host::Appended::committed: return metrics::AppendOutcome::committed;
    case host::Appended::lost: return metrics::AppendOutcome::lost;
    case host::Appended::refused: return metrics::AppendOutcome::poisoned;
    case host::Appended::cancelled: return metrics::AppendOutcome::failed;
  }
  return metrics::AppendOutcome::failed;
}

}  // namespace

JournalWriter::JournalWriter(Shared shared)
    : shared_(std::move(shared)),
      away_(kAwayFirst, kAwayLongest),
      contended_(kContendedFirst, kContendedLongest),
      failures_(std::chrono::seconds(10)) {}

void JournalWriter::run() {
  // Before there is work, so that a server that is away is known at boot and the first player does not wait.
  try {
    connect();
    shared_.availability.connected();
  } catch (...) {
    if (!shared_.queue.abandoned()) shared_.availability.lost(current_message(), "");
  }
  while (true) {
    Batch batch = shared_.queue.take({.rows_max = shared_.knobs.journal_batch_rows_max.get(),
                                      .bytes_max = kBatchBytesMax,
                                      .overlap_rows = shared_.knobs.journal_overlap_rows.get(),
                                      .gather_max = kGatherMax});
    if (batch.empty()) return;
    auto const now = AppendQueue::Clock::now();
    for (PendingAppend const &pending : batch) shared_.metrics.wait.record(now - pending.since);
    refuse_oversized(batch);
    commit(std::move(batch));
    shared_.queue.finished();
  }
}

void JournalWriter::commit(Batch batch) {
  while (!batch.empty()) {
    if (shared_.queue.abandoned()) {
      for (PendingAppend &pending : batch) finish(pending, host::Appended::cancelled);
      return;
    }
    std::optional<Failure> failure;
    try {
      if (!connection_) connect();
      Outcomes const outcomes = attempt(batch);
      // Not before: a server that takes connections but no rows is no better than one that is away.
      shared_.availability.answered();
      // Nothing below may throw into the handler: it would give an append a second outcome.
      [&]() noexcept {
        for (std::size_t i = 0; i < batch.size(); ++i) finish(batch[i], outcomes[i]);
      }();
      failures_in_a_row_ = 0;
      away_.reset();
      contended_.reset();
      return;
    } catch (...) {
      failure = current_failure();
    }
    if (failure->kind == Failure::Kind::refused) {
      // The session is fine, and the whole batch was rolled back.
      if (batch.size() == 1) {
        log::error("PostgreSQL refuses an append", {{"table", batch[0].append.table},
                                                    {"append_id", batch[0].append.append_id},
                                                    {"first_seq", batch[0].append.first_seq},
                                                    {"sqlstate", failure->sqlstate}});
        finish(batch[0], host::Appended::refused);
        return;
      }
      for (PendingAppend &pending : batch) {
        Batch alone;
        alone.push_back(std::move(pending));
        commit(std::move(alone));
      }
      return;
    }
    for (PendingAppend &pending : batch) pending.repeated = true;
    recover(*failure, batch);
  }
}

JournalWriter::Outcomes JournalWriter::attempt(Batch const &batch) {
  std::vector<host::Append const *> appends;
  appends.reserve(batch.size());
  for (PendingAppend const &pending : batch) appends.push_back(&pending.append);

  auto const begin = AppendQueue::Clock::now();
  std::unordered_set<Uuid> committed = commit_rows::insert(*connection_, appends);
  shared_.metrics.batch.record(AppendQueue::Clock::now() - begin);
  shared_.metrics.batch_rows.record(batch.size());

  std::vector<host::Append const *> doubtful;
  for (PendingAppend const &pending : batch) {
    if (pending.repeated && !committed.contains(pending.append.append_id)) doubtful.push_back(&pending.append);
  }
  // A new statement, because the one that found the key taken cannot see who took it.
  if (!doubtful.empty()) committed.merge(commit_rows::find_ours(*connection_, doubtful));

  Outcomes outcomes;
  outcomes.reserve(batch.size());
  for (PendingAppend const &pending : batch) {
    outcomes.push_back(committed.contains(pending.append.append_id) ? host::Appended::committed : host::Appended::lost);
  }
  return outcomes;
}

void JournalWriter::connect() { connection_.emplace(shared_.conninfo, shared_.statement_timeout, shared_.watchdog); }

void JournalWriter::recover(Failure const &failure, Batch const &batch) {
  shared_.metrics.retried.add();
  if (failure.kind == Failure::Kind::again) {
    shared_.queue.pause(contended_.next());
    return;
  }
  if (connection_ && failure.kind == Failure::Kind::broken) shared_.metrics.unknown.add();
  // Also when the server merely cannot do it: if it has become a standby, only a new session finds the primary.
  connection_.reset();
  if (shared_.queue.abandoned()) return;
  shared_.availability.lost(failure.error().text, failure.sqlstate);
  failures_.warn("a batch of the journal is tried again", {{"rows", batch.size()},
                                                           {"table", batch.front().append.table},
                                                           {"append_id", batch.front().append.append_id},
                                                           {"why", failure.error()},
                                                           {"sqlstate", failure.sqlstate}});
  // A restart ends every session, and is often over when we notice: the first attempt to reconnect does not wait.
  if (failures_in_a_row_++ > 0) shared_.queue.pause(away_.next());
}

void JournalWriter::refuse_oversized(Batch &batch) {
  std::erase_if(batch, [&](PendingAppend &pending) {
    if (pending.append.body.size() <= kBodyBytesMax) return false;
    log::error("an append is too large for the journal", {{"table", pending.append.table},
                                                          {"append_id", pending.append.append_id},
                                                          {"bytes", pending.append.body.size()}});
    finish(pending, host::Appended::refused);
    return true;
  });
}

void JournalWriter::finish(PendingAppend &pending, host::Appended outcome) {
  shared_.metrics.appends.at(counted_as(outcome)).add();
  shared_.metrics.in_flight.sub();
  pending.done(outcome);
}

}  // namespace tableforge::storage
