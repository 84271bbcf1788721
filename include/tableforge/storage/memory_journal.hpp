#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tableforge/base/guarded.hpp"
#include "tableforge/host/ports/journal.hpp"

namespace tableforge::storage {

/// What several MemoryJournals write to: the database, as it were.
using MemoryRows = Guarded<std::unordered_map<TableId, std::map<Seq, host::Row>>>;

/// The journal in memory, for tests and benchmarks: the same rules, nothing durable.
///
/// Threads: as the port says; the outcomes come on a thread of its own.
/// Owns:    that thread. Several journals on the same rows are the instances of a fleet.
/// Bounds:  none; it keeps everything.
class MemoryJournal final : public host::Journal {
 public:
  explicit MemoryJournal(std::shared_ptr<MemoryRows> rows = std::make_shared<MemoryRows>());
  /// What waits is cancelled.
  ~MemoryJournal() override;
  MemoryJournal(MemoryJournal const &) = delete;
  MemoryJournal &operator=(MemoryJournal const &) = delete;

  void append(std::vector<host::Appending> appends) override;
  using host::Journal::append;
  [[nodiscard]] bool available() const override;

  /// While it is not available appends stay pending, and readers answer Errc::unavailable.
  void set_available(bool available);
  /// While it does not write appends stay pending, and readers are answered: a disk that hangs.
  void set_writing(bool writing);

  Result<std::vector<host::Row>> rows_after(TableId table, Seq after) override;
  Result<std::vector<host::Row>> rows_holding(TableId table, Seq from, Seq to) override;
  Result<std::vector<host::TableRow>> rows_newer(std::vector<std::pair<TableId, Seq>> known,
                                                 std::size_t rows_max) override;

 private:
  void run();
  host::Appended commit(host::Append append);

  std::shared_ptr<MemoryRows> rows_;
  mutable std::mutex mutex_;  // Naked for the sake of the condition variable; it guards the four members below.
  std::condition_variable changed_;
  std::vector<host::Appending> waiting_;
  bool available_ = true;
  bool writing_ = true;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tableforge::storage
