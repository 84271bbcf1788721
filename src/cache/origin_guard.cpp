#include "cache/origin_guard.hpp"

#include "tableforge/log/log.hpp"

namespace tableforge::cache {

void OriginGuard::told(redis::Breaker::Ticket ticket, std::optional<Errc> error, Clock::time_point now) {
  if (error == Errc::overloaded || error == Errc::cancelled) return breaker_.abandoned(ticket);
  if (error == Errc::unavailable || error == Errc::timeout) {
    breaker_.failed(ticket, now);
  } else {
    breaker_.succeeded(ticket, now);
  }
  using State = redis::Breaker::State;
  // One line for each change, however often it is tried in between.
  if (!down_ && breaker_.state() == State::open) {
    down_ = true;
    log::warn("the origin of cached values fails, and is left alone for a while", {{"class", cls_}});
  } else if (down_ && breaker_.state() == State::closed) {
    down_ = false;
    log::warn("the origin of cached values answers again", {{"class", cls_}});
  }
}

}  // namespace tableforge::cache
