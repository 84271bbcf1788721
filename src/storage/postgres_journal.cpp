#include "tableforge/storage/postgres_journal.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

#include "tableforge/base/check.hpp"

#include "storage/append_queue.hpp"
#include "storage/commit_rows.hpp"
#include "storage/connections.hpp"
#include "storage/conninfo.hpp"
#include "storage/journal_writer.hpp"

namespace tableforge::storage {

/// The writers with all that they share.
class PostgresJournal::Writers {
 public:
  Writers(Options const &options, Knobs const &knobs, metrics::JournalMetrics &metrics)
      : metrics_(metrics), availability_(metrics), running_(options.writers) {
    TF_CHECK(options.writers > 0);
    // A URL that cannot be read was refused at boot; here it is one more reason why nobody answers.
    std::string const target = conninfo(options.url).value_or("");
    for (unsigned i = 0; i < options.writers; ++i) {
      threads_.emplace_back([this, i,
                             shared = JournalWriter::Shared{target, options.statement_timeout, queue_, watchdog_,
                                                            availability_, knobs, metrics}] {
        ::pthread_setname_np(::pthread_self(), ("journal-" + std::to_string(i)).c_str());
        JournalWriter(shared).run();
        std::lock_guard lock(mutex_);
        --running_;
        ended_.notify_all();
      });
    }
  }

  ~Writers() { close(std::chrono::seconds(0)); }

  void append(std::vector<host::Appending> appends) {
    std::vector<PendingAppend> pending;
    pending.reserve(appends.size());
    auto const now = AppendQueue::Clock::now();
    for (host::Appending &each : appends) pending.push_back({std::move(each), now});
    metrics_.in_flight.add(static_cast<std::int64_t>(pending.size()));
    if (queue_.push(pending)) return;
    for (PendingAppend &each : pending) {
      metrics_.in_flight.sub();
      metrics_.appends.at(metrics::AppendOutcome::failed).add();
      each.done(host::Appended::cancelled);
    }
  }

  [[nodiscard]] bool available() const { return availability_.now(); }

  void close(std::chrono::steady_clock::duration limit) {
    queue_.close();
    {
      std::unique_lock lock(mutex_);
      ended_.wait_for(lock, limit, [&] { return running_ == 0; });
    }
    queue_.abandon();
    watchdog_.cut_all();
    for (std::thread &thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  metrics::JournalMetrics &metrics_;
  Availability availability_;
  AppendQueue queue_;
  Watchdog watchdog_;
  std::mutex mutex_;  // Naked for the sake of the condition variable; it guards running_.
  std::condition_variable ended_;
  unsigned running_;
  std::vector<std::thread> threads_;
};

PostgresJournal::PostgresJournal(Options options, ConnectionPool &readers, Knobs const &knobs,
                                 metrics::JournalMetrics &metrics)
    : readers_(readers), writers_(std::make_unique<Writers>(options, knobs, metrics)) {}

PostgresJournal::~PostgresJournal() = default;

void PostgresJournal::append(std::vector<host::Appending> appends) {
  for (auto const &each : appends) TF_CHECK(each.append.first_seq > 0 && each.append.n > 0);
  writers_->append(std::move(appends));
}

bool PostgresJournal::available() const { return writers_->available(); }

Result<std::vector<host::Row>> PostgresJournal::rows_after(TableId table, Seq after) {
  return readers_.connections().ask("rows_after",
                                    [&](Connection &session) { return commit_rows::after(session, table, after); });
}

Result<std::vector<host::Row>> PostgresJournal::rows_holding(TableId table, Seq from, Seq to) {
  return readers_.connections().ask(
      "rows_holding", [&](Connection &session) { return commit_rows::holding(session, table, from, to); });
}

Result<std::vector<host::TableRow>> PostgresJournal::rows_newer(std::vector<std::pair<TableId, Seq>> known,
                                                                std::size_t rows_max) {
  if (known.empty() || rows_max == 0) return {};
  return readers_.connections().ask("rows_newer",
                                    [&](Connection &session) { return commit_rows::newer(session, known, rows_max); });
}

void PostgresJournal::close(std::chrono::steady_clock::duration limit) { writers_->close(limit); }

}  // namespace tableforge::storage
