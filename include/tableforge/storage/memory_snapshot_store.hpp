#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "tableforge/base/guarded.hpp"
#include "tableforge/host/ports/snapshot_store.hpp"

namespace tableforge::storage {

/// Snapshots in memory, for tests and benchmarks.
///
/// Threads: any.
class MemorySnapshotStore final : public host::SnapshotStore {
 public:
  Result<std::optional<host::Snapshot>> newest(TableId table) override;
  Result<void> save(TableId table, host::Snapshot snapshot) override;

  /// How many are kept of this table.
  [[nodiscard]] std::size_t count(TableId table) const;

 private:
  Guarded<std::unordered_map<TableId, std::map<Seq, std::string>>> tables_;
};

}  // namespace tableforge::storage
