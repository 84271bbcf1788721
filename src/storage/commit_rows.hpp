#pragma once

#include <cstddef>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/host/ports/journal.hpp"

#include "storage/connection.hpp"

/// The statements on commit_row, as functions. Those that may throw say so; see Connection.
namespace tableforge::storage::commit_rows {

/// One statement for the whole batch, committed when this returns. Tells whose rows went in; the others found their
/// key taken. Throws.
std::unordered_set<Uuid> insert(Connection &connection, std::span<host::Append const *const> batch);

/// Those whose row stands under their key with their own mark. Throws.
std::unordered_set<Uuid> find_ours(Connection &connection, std::span<host::Append const *const> batch);

/// Throws; Errc::corrupt for a gap.
Result<std::vector<host::Row>> after(Connection &connection, TableId table, Seq seq);
/// Throws; Errc::corrupt for a gap.
Result<std::vector<host::Row>> holding(Connection &connection, TableId table, Seq from, Seq to);
/// Throws. Without the rows behind a gap; see only_gapless().
Result<std::vector<host::TableRow>> newer(Connection &connection, std::vector<std::pair<TableId, Seq>> const &known,
                                          std::size_t rows_max);

}  // namespace tableforge::storage::commit_rows
