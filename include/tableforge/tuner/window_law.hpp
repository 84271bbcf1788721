#pragma once

#include <algorithm>
#include <optional>

namespace tableforge::tuner {

/// How long presence may wait anywhere, decided anew each second from what the second before was like.
///
///     allowance = min(cap, share · (objective − base), longest)
///
/// `base` is the p99 of actions, which no window delays, in seconds that held the objective: a baseline that followed
/// the overload would take it for normal. The cap is halved after a second beyond the objective if waiting for the
/// window is most of it, and grows by half a millisecond after any other. If the I/O threads are behind, waiting less
/// would mean more writes and make it worse: then windows carry more instead.
///
/// Threads: one; a value.
class WindowLaw {
 public:
  static constexpr double kGrowMs = 0.5;
  static constexpr double kLeastMs = 0.25;  ///< A cap below this is none.
  static constexpr double kBatchMax = 16;

  struct Second {
    double answers = 0;      ///< Of these, how many there were;
    double p99_ms = 0;       ///< of actions.
    double waits = 0;        ///< Windows that ended,
    double wait_p99_ms = 0;  ///< and how long presence had waited for that.
    double turn_p99_ms = 0;  ///< Turns of the I/O threads, for which everything waits that comes meanwhile.
  };
  struct Bounds {
    double objective_ms = 0;
    double share = 0;
    double longest_ms = 0;
  };
  struct Ruling {
    double allowance_ms = 0;
    double batch_least = 1;
  };

  Ruling next(Second const &second, Bounds const &bounds) {
    double const cap = std::min(cap_ms_.value_or(bounds.longest_ms), bounds.longest_ms);
    double const waited = second.waits > 0 ? second.wait_p99_ms : 0;
    double const presence = waited > 0 ? waited + second.turn_p99_ms : 0;
    double const worst = std::max(second.answers > 0 ? second.p99_ms : 0, presence);
    if (worst <= bounds.objective_ms) {
      if (second.answers > 0) base_ms_ = base_ms_ ? *base_ms_ + kFollow * (second.p99_ms - *base_ms_) : second.p99_ms;
      cap_ms_ = std::min(cap + kGrowMs, bounds.longest_ms);
      batch_least_ = std::max(1.0, batch_least_ / 2);
    } else if (waited > second.turn_p99_ms) {
      cap_ms_ = cap / 2 < kLeastMs ? 0 : cap / 2;
    } else {
      cap_ms_ = cap;
      batch_least_ = std::min(kBatchMax, batch_least_ * 2);
    }
    double const left = std::max(0.0, bounds.objective_ms - base_ms_.value_or(0));
    return {std::min(*cap_ms_, bounds.share * left), batch_least_};
  }

 private:
  static constexpr double kFollow = 0.1;  // Ten seconds: a single one says little of the p99.

  std::optional<double> cap_ms_;
  std::optional<double> base_ms_;
  double batch_least_ = 1;
};

}  // namespace tableforge::tuner
