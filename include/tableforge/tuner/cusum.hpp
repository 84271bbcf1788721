#pragma once

#include <algorithm>

namespace tableforge::tuner {

/// Whether a level has shifted: a two-sided cumulative sum of standardised values (Page, Biometrika 41, 1954).
///
/// With slack 1/2 and threshold 5 it runs for 465 values on average before a false alarm, and for 10.4 until it sees a
/// shift of one deviation, 4.0 of two (Montgomery, Introduction to Statistical Quality Control, table 9.4).
///
/// Threads: one.
class Cusum {
 public:
  explicit Cusum(double slack = 0.5, double threshold = 5) : slack_(slack), threshold_(threshold) {}

  /// `value` in deviations from the level it had. True from the moment the level is taken to have shifted.
  bool add(double value) {
    above_ = std::max(0.0, above_ + value - slack_);
    below_ = std::max(0.0, below_ - value - slack_);
    shifted_ = shifted_ || above_ > threshold_ || below_ > threshold_;
    return shifted_;
  }

  [[nodiscard]] bool shifted() const { return shifted_; }

 private:
  double slack_;
  double threshold_;
  double above_ = 0;
  double below_ = 0;
  bool shifted_ = false;
};

}  // namespace tableforge::tuner
