#pragma once

#include <optional>
#include <vector>

#include "tableforge/host/ports/journal.hpp"

namespace tableforge::storage {

/// Whether `row` continues a history that ends with `last`.
constexpr bool continues(host::Row const &row, Seq last) { return row.first_seq == last + 1 && row.n > 0; }
constexpr Seq last_seq(host::Row const &row) { return row.first_seq + row.n - 1; }

/// The rows themselves if they stand without a gap, behind `last` if that is given; otherwise Errc::corrupt, logged.
Result<std::vector<host::Row>> gapless(std::vector<host::Row> rows, TableId table, std::optional<Seq> last);

/// Without the rows that stand behind a gap of their table, which are logged: one table's damage must not hide the
/// news of the others. `known` as in Journal::rows_newer.
std::vector<host::TableRow> only_gapless(std::vector<host::TableRow> rows,
                                         std::vector<std::pair<TableId, Seq>> const &known);

}  // namespace tableforge::storage
