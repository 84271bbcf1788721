#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tableforge/tuner/database_window.hpp"
#include "tableforge/tuner/ports/database.hpp"

namespace tableforge::tuner {

/// What an entry in a B-tree of a small key costs its writer, its share of the log included. A starting point, measured
/// once (docs/adr/0023).
inline constexpr double kIndexEntryMs = 0.02;

/// Which indexes these looks at tables could use: the columns that are compared with one value, then those of a range
/// or of the order, three at most; each of them once.
[[nodiscard]] std::vector<IndexSpec> propose_indexes(std::span<Scan const> scans);

/// What an index would cost those who write, per second.
struct WritePrice {
  double ms = 0;
  double hot_lost = 0;   ///< Updates that need no entry in any index now, and would need one in each.
  double hot_share = 0;  ///< Of all updates of the table.
};

/// (inserts + non-HOT updates) · w + lost HOT updates · (indexes + 1) · w. Lost are the HOT updates by statements that
/// give one of the columns a value; updates that no statement explains are taken for such.
[[nodiscard]] WritePrice price_writes(IndexSpec const &spec, DatabaseWindow const &window,
                                      double entry_ms = kIndexEntryMs);

}  // namespace tableforge::tuner
