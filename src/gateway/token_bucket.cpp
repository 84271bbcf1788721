#include "gateway/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace tableforge::gateway {

bool TokenBucket::take(Rate rate, Clock::time_point now, double cost) {
  // A bucket that cannot hold the cost would refuse for ever.
  double const capacity = std::max(rate.burst, cost);
  // A clock that is handed in out of order must not drain the bucket.
  double const elapsed = std::max(0.0, std::chrono::duration<double>(now - filled_at_).count());
  tokens_ = std::min(capacity, tokens_ + elapsed * rate.per_second);
  filled_at_ = std::max(filled_at_, now);
  if (tokens_ < cost) return false;
  tokens_ -= cost;
  return true;
}

std::chrono::milliseconds TokenBucket::wait(Rate rate, double cost) const {
  double const missing = std::max(0.0, cost - tokens_);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(missing / rate.per_second * 1'000)));
}

}  // namespace tableforge::gateway
