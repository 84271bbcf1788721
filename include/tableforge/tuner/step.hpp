#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tableforge::tuner {

/// The farthest a knob moves in one trial, as a ratio: what a trial can harm stays small, and what its neighbourhood
/// tells stays true.
inline constexpr double kStepMax = 1.5;
/// A candidate that promises less than this reduction of the objective is not tried.
inline constexpr double kPredictedGainMin = 0.02;

/// One that promises as much, with an interval that excludes that there is nothing, may go as far as it wants to: steps
/// would take hours, and what is far off is seen at once.
inline constexpr double kLeapGainMin = 0.10;

/// How far the next step may go, as a ratio, if the `kept` trials before it were steps the same way: 1.5, then its
/// square, then its fourth power, 5.1. What was found twice in a direction is no accident, and a knob that is far off
/// need not take a day; the canary comes first all the same.
[[nodiscard]] inline double step_after(std::size_t kept, double step_max = kStepMax, double power_max = 4) {
  return std::pow(step_max, std::min(std::exp2(static_cast<double>(kept)), power_max));
}

/// Where a step from `from` towards `to` ends, both positive.
[[nodiscard]] inline double limit_step(double from, double to, double step_max = kStepMax) {
  return std::clamp(to, from / step_max, from * step_max);
}

}  // namespace tableforge::tuner
