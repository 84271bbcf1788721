#include "tableforge/storage/memory_snapshot_store.hpp"

#include <utility>

#include "storage/snapshots_kept.hpp"

namespace tableforge::storage {

Result<std::optional<host::Snapshot>> MemorySnapshotStore::newest(TableId table) {
  return tables_.with([&](auto const &tables) -> std::optional<host::Snapshot> {
    auto const found = tables.find(table);
    if (found == tables.end()) return std::nullopt;
    auto const &[seq, state] = *found->second.rbegin();
    return host::Snapshot{seq, state};
  });
}

Result<void> MemorySnapshotStore::save(TableId table, host::Snapshot snapshot) {
  tables_.with([&](auto &tables) {
    auto &kept = tables[table];
    kept.emplace(snapshot.seq, std::move(snapshot.state));
    while (kept.size() > kSnapshotsKept) kept.erase(kept.begin());
  });
  return {};
}

std::size_t MemorySnapshotStore::count(TableId table) const {
  return tables_.with([&](auto const &tables) {
    auto const found = tables.find(table);
    return found == tables.end() ? std::size_t{0} : found->second.size();
  });
}

}  // namespace tableforge::storage
