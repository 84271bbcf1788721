#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace tableforge::storage {

/// Waits between attempts: doubling, and each shortened by chance, so that the instances of a fleet do not come back
/// to a server in the same moment.
///
/// Threads: one.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest), next_(first), random_(std::random_device{}()) {}

  std::chrono::milliseconds next() {
    auto const full = next_;
    next_ = std::min(next_ * 2, longest_);
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::chrono::milliseconds::rep>(full.count() / 2, full.count())(random_));
  }
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  std::chrono::milliseconds next_;
  std::minstd_rand random_;
};

}  // namespace tableforge::storage
