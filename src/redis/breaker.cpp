#include "tableforge/redis/breaker.hpp"

#include <algorithm>

#include "tableforge/base/check.hpp"

namespace tableforge::redis {

Breaker::Breaker(Options options, std::uint32_t jitter_seed) : options_(options), random_(jitter_seed) {
  TF_CHECK(options_.failures_max > 0);
  TF_CHECK(options_.wait_min > Clock::duration::zero() && options_.wait_min <= options_.wait_max);
}

std::optional<Breaker::Ticket> Breaker::admit(Clock::time_point now) {
  if (state_ == State::open && now >= retry_at_) {
    state_ = State::half_open;
    ++period_;
    probing_ = false;
  }
  switch (state_) {
    case State::closed: return period_;
    case State::open: return std::nullopt;
    case State::half_open:
      if (probing_) return std::nullopt;
      probing_ = true;
      return period_;
  }
  return std::nullopt;
}

void Breaker::succeeded(Ticket ticket, Clock::time_point now) {
  if (ticket != period_) return;
  failures_ = 0;
  if (state_ != State::half_open) return;
  state_ = State::closed;
  ++period_;
  closed_at_ = now;
}

void Breaker::failed(Ticket ticket, Clock::time_point now) {
  if (ticket != period_) return;
  if (state_ == State::half_open || ++failures_ >= options_.failures_max) open(now);
}

void Breaker::abandoned(Ticket ticket) {
  if (ticket == period_) probing_ = false;
}

void Breaker::trip(Clock::time_point now) {
  if (state_ != State::open) open(now);
}

void Breaker::open(Clock::time_point now) {
  // Compared this way round because closed_at_ starts at the earliest time there is, and now - closed_at_ overflows.
  bool const lasted = state_ == State::closed && closed_at_ <= now - wait_;
  wait_ = lasted || wait_ == Clock::duration::zero() ? options_.wait_min : std::min(wait_ * 2, options_.wait_max);
  state_ = State::open;
  ++period_;
  failures_ = 0;
  // Half of the wait is certain, half is chance.
  std::uniform_int_distribution<Clock::rep> chance(wait_.count() / 2, wait_.count());
  retry_at_ = now + Clock::duration(chance(random_));
}

}  // namespace tableforge::redis
