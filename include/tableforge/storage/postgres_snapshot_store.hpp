#pragma once

#include "tableforge/host/ports/snapshot_store.hpp"
#include "tableforge/storage/connection_pool.hpp"

namespace tableforge::storage {

/// Snapshots in PostgreSQL.
///
/// Threads: any; blocks.
/// Owns:    nothing; the pool outlives it.
/// Errors:  those of the pool; corrupt for a state that is not as it was written.
class PostgresSnapshotStore final : public host::SnapshotStore {
 public:
  explicit PostgresSnapshotStore(ConnectionPool &pool) : pool_(pool) {}

  Result<std::optional<host::Snapshot>> newest(TableId table) override;
  Result<void> save(TableId table, host::Snapshot snapshot) override;

 private:
  ConnectionPool &pool_;
};

}  // namespace tableforge::storage
