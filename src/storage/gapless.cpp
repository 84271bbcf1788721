#include "storage/gapless.hpp"

#include <unordered_map>

#include "tableforge/log/log.hpp"

namespace tableforge::storage {

namespace {

void report(TableId table, Seq last, host::Row const &row) {
  log::error("the journal of a table has a gap",
             {{"table", table}, {"after_seq", last}, {"next_seq", row.first_seq}, {"n", row.n}});
}

}  // namespace

Result<std::vector<host::Row>> gapless(std::vector<host::Row> rows, TableId table, std::optional<Seq> last) {
  for (host::Row const &row : rows) {
    Seq const before = last.value_or(row.first_seq - 1);
    if (!continues(row, before)) {
      report(table, before, row);
      return fail(Errc::corrupt, "the journal of the table has a gap");
    }
    last = last_seq(row);
  }
  return rows;
}

std::vector<host::TableRow> only_gapless(std::vector<host::TableRow> rows,
                                         std::vector<std::pair<TableId, Seq>> const &known) {
  std::unordered_map<TableId, Seq> ends(known.begin(), known.end());
  std::erase_if(rows, [&](host::TableRow const &found) {
    Seq &end = ends[found.table];
    if (!continues(found.row, end)) {
      report(found.table, end, found.row);
      return true;
    }
    end = last_seq(found.row);
    return false;
  });
  return rows;
}

}  // namespace tableforge::storage
