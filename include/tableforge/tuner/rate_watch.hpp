#pragma once

#include <algorithm>
#include <cmath>

namespace tableforge::tuner {

/// Whether something happens three times as often as expected, or a third as often: a two-sided cumulative sum of
/// likelihood ratios of counts that come by chance (Lucas, Technometrics 27, 1985).
///
/// Expectations come with each count, so that they may change from one to the next: what is watched is whether they
/// still hold. Between a third and three times they are taken to hold, since they are themselves an estimate.
///
/// Threads: one.
class RateWatch {
 public:
  /// With expectations that are right it alarms once in about 1,100 counts although nothing has changed.
  static constexpr double kThreshold = 6;
  static constexpr double kFactor = 3;

  /// True from the moment the rate is taken to have changed. Of an expectation that is known badly, `most` and `least`
  /// it may be.
  bool add(double happened, double most, double least) {
    double const gain = std::log(kFactor);
    above_ = std::max(0.0, above_ + happened * gain - most * (kFactor - 1));
    below_ = std::max(0.0, below_ - happened * gain + least * (1 - 1 / kFactor));
    changed_ = changed_ || above_ > kThreshold || below_ > kThreshold;
    return changed_;
  }
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  double above_ = 0;
  double below_ = 0;
  bool changed_ = false;
};

}  // namespace tableforge::tuner
