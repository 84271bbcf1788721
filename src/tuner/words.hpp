#pragma once

#include <string>
#include <vector>

#include "tableforge/tuner/candidate.hpp"
#include "tableforge/tuner/mode.hpp"

/// Numbers and changes as people read them in reports and in the record.
namespace tableforge::tuner {

/// Six significant digits at most: 60000, 0.25.
[[nodiscard]] std::string number_text(double value);
/// "12.3 %".
[[nodiscard]] std::string percent_text(double share);
/// "a 1 -> 2, b 4 -> 3".
[[nodiscard]] std::string changes_text(std::vector<Change> const &changes);
/// The commands that take it back.
[[nodiscard]] std::string undo_text(std::vector<Change> const &changes);
/// Who has the new value, one stage after the other.
[[nodiscard]] std::string cohort_text(TrialKind kind, Mode mode);

}  // namespace tableforge::tuner
