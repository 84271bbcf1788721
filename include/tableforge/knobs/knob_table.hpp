#pragma once

#include <string>

#include "tableforge/knobs/knob_set.hpp"

namespace tableforge {

/// A row of Markdown for each knob, in the order of their declaration: name, meaning, default, bounds, unit.
[[nodiscard]] std::string knob_table(KnobSet const &knobs);

}  // namespace tableforge
