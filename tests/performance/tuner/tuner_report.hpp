#pragma once

#include <string>
#include <vector>

#include "performance/tuner/measured_scenario.hpp"

namespace tableforge::test {

/// The table of arms by scenario, medians over the seeds, and the bars; for a terminal.
std::string to_text(std::vector<MeasuredScenario> const &scenarios);
/// All rows, each seed's too.
std::string to_json(std::vector<MeasuredScenario> const &scenarios);
/// One self-contained page: the tables, and for each scenario the knob over time beside what it moved.
std::string to_html(std::vector<MeasuredScenario> const &scenarios);

}  // namespace tableforge::test
