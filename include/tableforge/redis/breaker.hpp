#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "tableforge/metrics/words.hpp"

namespace tableforge::redis {

/// Decides whether something that may be broken is worth trying now.
///
/// Closed: everything passes, until `failures_max` failures in a row. Open: nothing passes until a while has passed,
/// a longer one each time, with jitter, so that a thousand instances do not come back in the same instant. Half open:
/// one probe passes, and decides. A recovery that lasts less than the wait before it does not make the next wait short.
///
/// Threads: one.
/// Errors:  none; pure, it is handed the time.
class Breaker {
 public:
  using Clock = std::chrono::steady_clock;
  using State = metrics::BreakerState;
  /// Ties an outcome to the period in which it was admitted: a timeout of old says nothing about a probe of now.
  using Ticket = std::uint64_t;

  struct Options {
    /// 5 = more than one slow fork for a snapshot makes of pipelined commands that share a fate.
    unsigned failures_max = 5;
    Clock::duration wait_min = std::chrono::milliseconds(100);
    Clock::duration wait_max = std::chrono::seconds(10);
  };

  Breaker(Options options, std::uint32_t jitter_seed);

  /// A ticket if it may be tried; its outcome must be reported by one of the next three.
  [[nodiscard]] std::optional<Ticket> admit(Clock::time_point now);
  void succeeded(Ticket ticket, Clock::time_point now);
  void failed(Ticket ticket, Clock::time_point now);
  /// Given up for reasons that say nothing about the other side.
  void abandoned(Ticket ticket);

  /// Opens at once: the failure needs no confirmation. Without effect on a breaker that is open.
  void trip(Clock::time_point now);

  [[nodiscard]] State state() const { return state_; }
  /// While open: when the next probe may pass.
  [[nodiscard]] Clock::time_point retry_at() const { return retry_at_; }

 private:
  void open(Clock::time_point now);

  Options options_;
  std::minstd_rand random_;
  State state_ = State::closed;
  Ticket period_ = 0;  // Counts changes of state.
  unsigned failures_ = 0;
  bool probing_ = false;
  Clock::duration wait_{0};  // The latest one, before jitter; 0 = never opened.
  Clock::time_point retry_at_{};
  Clock::time_point closed_at_ = Clock::time_point::min();
};

}  // namespace tableforge::redis
