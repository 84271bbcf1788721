#pragma once

#include <algorithm>
#include <cmath>

#include "tableforge/tuner/cusum.hpp"
#include "tableforge/tuner/moments.hpp"

namespace tableforge::tuner {

/// Whether what is measured over and over has come to another level, with no level known in advance.
///
/// Each value is judged by the mean and the deviation of all before it, then counted among them: a self-starting
/// cumulative sum (Hawkins, The Statistician 36, 1987). Values are logarithms, so that a deviation is a ratio.
///
/// Threads: one.
class LevelWatch {
 public:
  /// How many values make a level that others are judged by.
  static constexpr double kFirst = 4;
  /// The least that counts as a deviation: costs that are steadier than 5 % would have every ripple called a shift.
  static constexpr double kDeviationMin = 0.05;
  /// No value counts for more, so that one alone, a pause of the machine, is no shift: it takes two.
  static constexpr double kReachMax = 4;
  static constexpr double kReachLearnt = 3;

  /// True once the level has shifted.
  bool add(double value) {
    double const n = seen_.count();
    if (n >= kFirst) {
      double const deviation = std::max(seen_.deviation(), kDeviationMin);
      double const off = (value - seen_.mean()) / (deviation * std::sqrt((n + 1) / n));
      sum_.add(std::clamp(off, -kReachMax, kReachMax));
      // What is far off is not to become the level before it is known for a shift.
      value = seen_.mean() + deviation * std::clamp(off, -kReachLearnt, kReachLearnt);
    }
    seen_.add(value);
    return sum_.shifted();
  }

  [[nodiscard]] bool shifted() const { return sum_.shifted(); }

 private:
  Moments seen_;
  Cusum sum_;
};

}  // namespace tableforge::tuner
