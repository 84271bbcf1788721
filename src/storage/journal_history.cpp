#include "tableforge/storage/journal_history.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::storage {

Result<std::vector<table::Event>> JournalHistory::events(TableId table, Seq from, std::size_t limit) {
  std::vector<table::Event> events;
  if (limit == 0) return events;
  from = std::max<Seq>(from, 1);
  Seq const room = std::numeric_limits<Seq>::max() - from;
  Seq const to = from + std::min<Seq>(limit - 1, room);
  auto const rows = journal_.rows_holding(table, from, to);
  if (!rows) return std::unexpected(rows.error());
  for (host::Row const &row : *rows) {
    auto decoded = codec::decode_events(row.body, row.first_seq);
    if (!decoded) {
      log::error("a row of the journal cannot be decoded", {{"table", table}, {"first_seq", row.first_seq}});
      return std::unexpected(decoded.error());
    }
    // Whole rows were read, so the ends may reach beyond what was asked for.
    for (table::Event &event : *decoded) {
      if (event.seq >= from && event.seq <= to) events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace tableforge::storage
