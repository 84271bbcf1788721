#pragma once

#include <algorithm>
#include <cmath>

namespace tableforge::tuner {

/// The farthest a knob moves in one trial, as a ratio: what a trial can harm stays small, and what its neighbourhood
/// tells stays true.
inline constexpr double kStepMax = 1.5;
/// A candidate that promises less than this reduction of the objective is not tried.
inline constexpr double kPredictedGainMin = 0.02;

/// Where a step from `from` towards `to` ends, both positive.
[[nodiscard]] inline double limit_step(double from, double to, double step_max = kStepMax) {
  return std::clamp(to, from / step_max, from * step_max);
}

}  // namespace tableforge::tuner
