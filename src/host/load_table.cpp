#include "tableforge/codec/event_body.hpp"
#include "tableforge/codec/state_document.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::host {

namespace {

/// The newest snapshot that can be read, or the state before anything. A snapshot is only an optimisation, so one
/// that cannot be understood costs a full replay, not the table.
Result<table::State> starting_point(TableId id, SnapshotStore &snapshots) {
  auto snapshot = snapshots.newest(id);
  if (!snapshot) return std::unexpected(snapshot.error());
  if (!*snapshot) return table::State{};
  auto state = codec::decode_state((*snapshot)->state);
  if (!state || state->seq != (*snapshot)->seq) {
    log::error("a snapshot cannot be read; the table is replayed from its first event",
               {{"table", id}, {"seq", (*snapshot)->seq}});
    return table::State{};
  }
  return state;
}

}  // namespace

Result<LoadedTable> load_table(TableId id, Journal &journal, SnapshotStore &snapshots, std::size_t recent_max) {
  auto state = starting_point(id, snapshots);
  if (!state) return std::unexpected(state.error());
  LoadedTable loaded{.state = std::move(*state), .recent = {}, .snapshot_seq = 0};
  loaded.snapshot_seq = loaded.state.seq;
  auto rows = journal.rows_after(id, loaded.state.seq);
  if (!rows) return std::unexpected(rows.error());
  for (auto const &row : *rows) {
    auto events = codec::decode_events(row.body, row.first_seq);
    if (!events) return std::unexpected(events.error());
    for (auto &event : *events) {
      if (event.seq != loaded.state.seq + 1) return fail(Errc::corrupt, "the stored events have a gap");
      table::apply(loaded.state, event);
      // Whoever resumes has seen the first event, and it holds a whole state.
      if (event.seq > 1) loaded.recent.push_back(std::move(event));
    }
  }
  if (loaded.state.seq == 0) return fail(Errc::not_found, "there is no such table");
  if (loaded.recent.size() > recent_max) {
    loaded.recent.erase(loaded.recent.begin(), loaded.recent.end() - static_cast<std::ptrdiff_t>(recent_max));
  }
  return loaded;
}

}  // namespace tableforge::host
