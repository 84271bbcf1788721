#pragma once

#include <chrono>
#include <limits>

namespace tableforge::gateway {

/// How fast something may happen: `per_second` on average, `burst` at once.
struct Rate {
  double per_second;
  double burst;
};

/// Holds one sender to a rate. The rate is given with each call, because knobs move; a bucket starts full.
///
/// Threads: any one at a time.
/// Bounds:  16 bytes; a burst below one still lets single things through at their rate.
/// Errors:  none; refusal is data.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  /// Takes `cost` tokens if there are as many. A refused call takes nothing.
  bool take(Rate rate, Clock::time_point now, double cost = 1);

  /// After a refusal: how long until the same `cost` can be had, rounded up.
  [[nodiscard]] std::chrono::milliseconds wait(Rate rate, double cost = 1) const;

 private:
  double tokens_ = std::numeric_limits<double>::infinity();  // Cut down to the burst by the first call.
  Clock::time_point filled_at_{};
};

}  // namespace tableforge::gateway
