#pragma once

#include <string_view>

#include "tableforge/base/result.hpp"
#include "tableforge/tuner/ports/database.hpp"

namespace tableforge::storage {

/// Reads what `explain (verbose, format json)` prints: the statement's identifier, its cost, and how it looks at
/// tables.
///
/// Conditions are texts there. Of them the columns are taken that stand by themselves on one side of a comparison;
/// what is more involved is not understood, and so proposes nothing.
///
/// Threads: any; pure.
/// Errors:  corrupt.
[[nodiscard]] Result<tuner::StatementPlan> read_plan(std::string_view json);

}  // namespace tableforge::storage
