#include <limits>
#include <optional>
#include <utility>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/codec/state_document.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::host {

namespace {

/// What a load replays from, and the rows behind it.
struct Beginning {
  table::State state;
  Seq snapshot_seq = 0;
  std::vector<Row> rows;
};

/// The newest snapshot that can be read, or the state before anything. A snapshot is only an optimisation, so one
/// that cannot be understood costs a full replay, not the table.
Result<table::State> newest_snapshot(TableId id, SnapshotStore &snapshots) {
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

Result<Beginning> from_snapshot(TableId id, Journal &journal, SnapshotStore &snapshots) {
  auto state = newest_snapshot(id, snapshots);
  if (!state) return std::unexpected(state.error());
  auto rows = journal.rows_after(id, state->seq);
  if (!rows) return std::unexpected(rows.error());
  Seq const seq = state->seq;
  return Beginning{.state = std::move(*state), .snapshot_seq = seq, .rows = std::move(*rows)};
}

/// A copy of what was kept, or an error if that cannot be read.
Result<table::State> state_of(KeptState const &kept) {
  if (kept.state != nullptr) return *kept.state;
  return codec::decode_state(kept.document);
}

/// Empty if the state is of no use.
Result<std::optional<Beginning>> from_kept(TableId id, Journal &journal, KeptState const &kept) {
  auto state = state_of(kept);
  if (!state || state->id != id || state->seq != kept.seq || kept.snapshot_seq > kept.seq) {
    log::warn("a state that was kept cannot be used", {{"table", id}, {"seq", kept.seq}});
    return std::nullopt;
  }
  auto rows = journal.rows_holding(id, kept.seq, std::numeric_limits<std::int64_t>::max());
  if (!rows) return std::unexpected(rows.error());
  bool const ends_here = !rows->empty() && rows->front().first_seq + rows->front().n == kept.seq + 1;
  if (!ends_here) {
    log::warn("a state that was kept is none of this history; was the database set back?",
              {{"table", id}, {"seq", kept.seq}});
    return std::nullopt;
  }
  rows->erase(rows->begin());
  return Beginning{.state = std::move(*state), .snapshot_seq = kept.snapshot_seq, .rows = std::move(*rows)};
}

}  // namespace

Result<LoadedTable> load_table(TableId id, Journal &journal, SnapshotStore &snapshots, std::size_t recent_max,
                               KeptState const *kept) {
  std::optional<Beginning> beginning;
  if (kept != nullptr) {
    auto found = from_kept(id, journal, *kept);
    if (!found) return std::unexpected(found.error());
    beginning = std::move(*found);
  }
  bool const kept_is_wrong = kept != nullptr && !beginning;
  if (!beginning) {
    auto found = from_snapshot(id, journal, snapshots);
    if (!found) return std::unexpected(found.error());
    beginning = std::move(*found);
  }
  LoadedTable loaded{.state = std::move(beginning->state),
                     .recent = {},
                     .snapshot_seq = beginning->snapshot_seq,
                     .kept_is_wrong = kept_is_wrong};
  Seq const began = loaded.state.seq;
  for (auto const &row : beginning->rows) {
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
  if (loaded.state.seq - began >= kWorthKeepingEvents) {
    loaded.worth_keeping =
        std::make_shared<KeptState const>(KeptState{.seq = loaded.state.seq,
                                                    .snapshot_seq = loaded.snapshot_seq,
                                                    .state = std::make_shared<table::State const>(loaded.state)});
  }
  if (loaded.recent.size() > recent_max) {
    loaded.recent.erase(loaded.recent.begin(), loaded.recent.end() - static_cast<std::ptrdiff_t>(recent_max));
  }
  return loaded;
}

}  // namespace tableforge::host
