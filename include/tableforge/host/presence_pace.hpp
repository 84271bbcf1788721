#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

#include "tableforge/metrics/histogram.hpp"

namespace tableforge::host {

/// How often a table has presence to show, by its latest second: what decides how long it is worth waiting for more.
///
/// Turns are counted and not messages, since what comes in one turn leaves in one write anyway.
///
/// Threads: its table's.
class PresencePace {
 public:
  using Clock = std::chrono::steady_clock;

  /// A turn at `now` shows presence. Each second that is over goes into `rates`.
  void showed(Clock::time_point now, metrics::SizeHistogram &rates) {
    auto const lasted = now - since_;
    if (lasted >= kStretch) {
      // A table that paused is known by no rate until it has gone on for a second.
      rate_ = lasted < 2 * kStretch ? static_cast<float>(turns_ / std::chrono::duration<double>(lasted).count()) : 0;
      if (rate_ > 0) rates.record(static_cast<std::uint64_t>(std::ceil(rate_)));
      since_ = now;
      turns_ = 0;
    }
    ++turns_;
  }
  /// Turns a second; 0 if it is not known.
  [[nodiscard]] double rate() const { return static_cast<double>(rate_); }

 private:
  static constexpr std::chrono::seconds kStretch{1};

  Clock::time_point since_;
  std::uint32_t turns_ = 0;
  float rate_ = 0;
};

}  // namespace tableforge::host
