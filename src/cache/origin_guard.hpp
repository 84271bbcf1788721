#pragma once

#include <optional>
#include <string_view>

#include "tableforge/base/result.hpp"
#include "tableforge/cache/class.hpp"
#include "tableforge/redis/breaker.hpp"

namespace tableforge::cache {

/// Keeps misses from hammering an origin that fails, for one class on one shard.
///
/// What counts as failing is that it is away or does not answer in time. A full queue in front of it is no failure, and
/// any other answer, welcome or not, shows that it works: one broken value must not cost all others of its class.
///
/// Threads: one.
/// Errors:  none; it is handed the time.
class OriginGuard {
 public:
  using Clock = redis::Breaker::Clock;

  /// One load that was admitted. How it went is said with ended(), or it never was.
  class Attempt {
   public:
    Attempt(OriginGuard &guard, redis::Breaker::Ticket ticket) : guard_(&guard), ticket_(ticket) {}
    ~Attempt() { guard_->breaker_.abandoned(ticket_); }
    Attempt(Attempt const &) = delete;
    Attempt &operator=(Attempt const &) = delete;

    /// Without an error it went well.
    void ended(std::optional<Errc> error, Clock::time_point now) { guard_->told(ticket_, error, now); }

   private:
    OriginGuard *guard_;
    redis::Breaker::Ticket ticket_;
  };

  OriginGuard(std::string_view cls, redis::Breaker::Options const &options, std::uint32_t jitter_seed)
      : cls_(cls), breaker_(options, jitter_seed) {}

  /// Whether it is being left alone, for now.
  [[nodiscard]] bool holds_back(Clock::time_point now) const {
    return breaker_.state() == redis::Breaker::State::open && now < breaker_.retry_at();
  }
  /// None: it is not to be asked.
  [[nodiscard]] std::optional<redis::Breaker::Ticket> admit(Clock::time_point now) { return breaker_.admit(now); }

 private:
  void told(redis::Breaker::Ticket ticket, std::optional<Errc> error, Clock::time_point now);

  std::string_view const cls_;
  redis::Breaker breaker_;
  bool down_ = false;
};

}  // namespace tableforge::cache
