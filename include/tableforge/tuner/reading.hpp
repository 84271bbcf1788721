#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tableforge/tuner/cost.hpp"
#include "tableforge/tuner/guard.hpp"

namespace tableforge::tuner {

/// What one side of a trial did while it was measured.
struct SideReading {
  Cost cost;
  /// A value for each guard of the domain, in their order; NaN for one that was not to be measured.
  std::vector<double> guards;
};

/// What was measured in one segment. With nobody or everybody exposed, one side is empty.
struct Reading {
  SideReading control;
  SideReading treated;
  /// What the trial cannot touch, and yet shares its machine and its hour with: both sides are divided by it.
  std::optional<Cost> untouched{};
  bool lead = false;        ///< Of before: what the sides differ by here is taken off.
  std::string_view harm{};  ///< A literal: what the domain itself has shown to be worse, which ends the trial.
};

/// Logarithm of what a request costs, by which a shift of the load is known: without stale reads, whose number is
/// inferred, and changes while their curve is still learnt although nothing else does.
[[nodiscard]] double level_of(Cost cost, Weights const &weights);

/// What the segments of one block say together. Changes are logarithms of new to old, or differences for such guards.
struct PairedBlock {
  double log_ratio = 0;      ///< Of the objective.
  double control_level = 0;  ///< Of the control.
  std::vector<double> guards;
};

/// nullopt if a side was asked fewer than `requests_min` times in any segment that has it, or cost nothing.
[[nodiscard]] std::optional<PairedBlock> pair_readings(std::span<Reading const> readings, Weights const &weights,
                                                       std::span<Guard const> guards, double requests_min);

}  // namespace tableforge::tuner
