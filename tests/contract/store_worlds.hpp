#pragma once

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/storage/connection_pool.hpp"
#include "tableforge/storage/memory_lobby_stores.hpp"
#include "tableforge/storage/memory_snapshot_store.hpp"
#include "tableforge/storage/postgres_lobby_stores.hpp"
#include "tableforge/storage/postgres_snapshot_store.hpp"

#include "journal_world.hpp"

namespace tableforge::test {

/// The stores beside the journal, all empty. Several objects on one Postgres world would see the same rows.
struct MemoryStores {
  storage::MemorySnapshotStore snapshots;
  storage::MemoryPlayerStore players;
  storage::MemoryTableDirectory directory;
  storage::MemoryInvitationStore invitations;
  storage::MemoryJournal journal;

  [[nodiscard]] std::size_t snapshots_kept(TableId table) { return snapshots.count(table); }
};

struct PostgresStores {
  std::string const url = migrated_database();
  PostgresInstance instance{url};
  host::Journal &journal = instance.journal;
  storage::PostgresSnapshotStore snapshots{instance.pool};
  storage::PostgresPlayerStore players{instance.pool};
  storage::PostgresTableDirectory directory{instance.pool};
  storage::PostgresInvitationStore invitations{instance.pool};

  [[nodiscard]] std::size_t snapshots_kept(TableId table);
};

}  // namespace tableforge::test
