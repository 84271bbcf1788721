#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace tableforge::test {

/// Numbers from 0 whose frequency falls with a power of their rank. The same seed gives the same numbers.
class Zipf {
 public:
  Zipf(std::size_t numbers, double exponent, std::uint64_t seed) : random_(seed) {
    double sum = 0;
    for (std::size_t rank = 1; rank <= numbers; ++rank) {
      sums_.push_back(sum += 1 / std::pow(static_cast<double>(rank), exponent));
    }
  }

  std::uint64_t operator()() {
    auto const at = std::uniform_real_distribution<double>(0, sums_.back())(random_);
    return static_cast<std::uint64_t>(std::ranges::upper_bound(sums_, at) - sums_.begin());
  }

 private:
  std::mt19937_64 random_;
  std::vector<double> sums_;
};

}  // namespace tableforge::test
