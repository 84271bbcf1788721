#include "tableforge/storage/postgres_snapshot_store.hpp"

#include <string>
#include <utility>

#include "tableforge/log/log.hpp"

#include "storage/bytea.hpp"
#include "storage/connections.hpp"
#include "storage/snapshots_kept.hpp"

namespace tableforge::storage {

namespace {

constexpr Statement kNewest{"snapshot_newest",
                            "select seq, state from snapshot where table_id = $1 order by seq desc limit 1"};
// A state at a seq is what it is: whoever saved it first saved the same. Its commit need not reach the disk before it
// is answered, because the rows below it have: a crash that takes a snapshot back costs a longer load, and the disk's
// flushes are for the journal.
constexpr Statement kSave{"snapshot_save",
                          "insert into snapshot (table_id, seq, state) select $1::uuid, $2::bigint, $3::bytea"
                          " from set_config('synchronous_commit', 'off', true) on conflict do nothing"};
constexpr Statement kPrune{"snapshot_prune",
                           "delete from snapshot using set_config('synchronous_commit', 'off', true)"
                           " where table_id = $1 and seq <"
                           " (select min(seq) from (select seq from snapshot where table_id = $1"
                           "  order by seq desc limit $2) kept)"};

}  // namespace

Result<std::optional<host::Snapshot>> PostgresSnapshotStore::newest(TableId table) {
  return pool_.connections().ask("snapshot_newest", [&](Connection &session) -> Result<std::optional<host::Snapshot>> {
    pqxx::result const found = session.run(kNewest, {table.value.text()});
    if (found.empty()) return std::nullopt;
    auto const state = from_bytea({found[0][1].c_str(), found[0][1].size()});
    if (!state) {
      log::error("a snapshot cannot be read", {{"table", table}});
      return fail(Errc::corrupt, "a snapshot cannot be read");
    }
    return host::Snapshot{static_cast<Seq>(found[0][0].as<std::int64_t>()), *state};
  });
}

Result<void> PostgresSnapshotStore::save(TableId table, host::Snapshot snapshot) {
  return pool_.connections().ask("snapshot_save", [&](Connection &session) -> Result<void> {
    std::string const id = table.value.text();
    // Two statements of their own: pruning that fails is made up for by the next save.
    session.run(kSave, {id, std::to_string(snapshot.seq), to_bytea(snapshot.state)});
    session.run(kPrune, {id, std::to_string(kSnapshotsKept)});
    return {};
  });
}

}  // namespace tableforge::storage
