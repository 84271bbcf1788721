#include "tableforge/storage/memory_journal.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "tableforge/base/check.hpp"

#include "storage/gapless.hpp"
#include "storage/jsonb_rules.hpp"

namespace tableforge::storage {

MemoryJournal::MemoryJournal(std::shared_ptr<MemoryRows> rows) : rows_(std::move(rows)), thread_([this] { run(); }) {}

MemoryJournal::~MemoryJournal() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void MemoryJournal::append(std::vector<host::Appending> appends) {
  for (auto const &each : appends) TF_CHECK(each.append.first_seq > 0 && each.append.n > 0);
  {
    std::lock_guard lock(mutex_);
    std::ranges::move(appends, std::back_inserter(waiting_));
  }
  changed_.notify_one();
}

bool MemoryJournal::available() const {
  std::lock_guard lock(mutex_);
  return available_;
}

void MemoryJournal::set_available(bool available) {
  {
    std::lock_guard lock(mutex_);
    available_ = available;
  }
  changed_.notify_one();
}

void MemoryJournal::set_writing(bool writing) {
  {
    std::lock_guard lock(mutex_);
    writing_ = writing;
  }
  changed_.notify_one();
}

void MemoryJournal::run() {
  while (true) {
    std::vector<host::Appending> batch;
    bool ending = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ending_ || (available_ && writing_ && !waiting_.empty()); });
      batch.swap(waiting_);
      ending = ending_;
    }
    for (host::Appending &one : batch) one.done(ending ? host::Appended::cancelled : commit(std::move(one.append)));
    if (ending) return;
  }
}

host::Appended MemoryJournal::commit(host::Append append) {
  if (!jsonb_takes(append.body)) return host::Appended::refused;
  return rows_->with([&](auto &tables) {
    host::Row row{append.first_seq, append.n, append.append_id, append.at, std::move(append.body)};
    return tables[append.table].emplace(append.first_seq, std::move(row)).second ? host::Appended::committed
                                                                                 : host::Appended::lost;
  });
}

Result<std::vector<host::Row>> MemoryJournal::rows_after(TableId table, Seq after) {
  if (!available()) return fail(Errc::unavailable, "the journal is away");
  std::vector<host::Row> rows;
  rows_->with([&](auto const &tables) {
    auto const found = tables.find(table);
    if (found == tables.end()) return;
    for (auto it = found->second.upper_bound(after); it != found->second.end(); ++it) rows.push_back(it->second);
  });
  return gapless(std::move(rows), table, after);
}

Result<std::vector<host::Row>> MemoryJournal::rows_holding(TableId table, Seq from, Seq to) {
  if (!available()) return fail(Errc::unavailable, "the journal is away");
  std::vector<host::Row> rows;
  rows_->with([&](auto const &tables) {
    auto const found = tables.find(table);
    if (found == tables.end()) return;
    for (auto const &[first_seq, row] : found->second) {
      if (first_seq <= to && last_seq(row) >= from) rows.push_back(row);
    }
  });
  return gapless(std::move(rows), table, std::nullopt);
}

Result<std::vector<host::TableRow>> MemoryJournal::rows_newer(std::vector<std::pair<TableId, Seq>> known,
                                                              std::size_t rows_max) {
  if (!available()) return fail(Errc::unavailable, "the journal is away");
  struct Found {
    Seq distance;
    host::TableRow row;
  };
  std::vector<Found> all;
  rows_->with([&](auto const &tables) {
    for (auto const &[table, seq] : known) {
      auto const found = tables.find(table);
      if (found == tables.end()) continue;
      for (auto it = found->second.upper_bound(seq); it != found->second.end(); ++it) {
        all.push_back({it->first - seq, {table, it->second}});
      }
    }
  });
  // Nearest first, so that a busy table cannot keep the others out of the limit.
  std::ranges::sort(all, {}, [](Found const &one) { return std::pair(one.distance, one.row.table); });
  std::vector<host::TableRow> rows;
  for (Found &one : all) {
    if (rows.size() == rows_max) break;
    rows.push_back(std::move(one.row));
  }
  return only_gapless(std::move(rows), known);
}

}  // namespace tableforge::storage
