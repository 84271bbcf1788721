#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tableforge::metrics {

/// Ages on a grid of √2, from a millisecond to three days: what hits of a cache are counted by.
struct AgeGrid {
  static constexpr std::size_t kPlaces = 56;
  static constexpr std::chrono::microseconds kLeast{1'024};

  /// The place whose ages begin at or below `age`; the ends take what lies beyond them.
  [[nodiscard]] static std::size_t place_of(std::chrono::microseconds age) {
    if (age <= kLeast) return 0;
    auto const value = static_cast<std::uint64_t>(age.count());
    auto const power = static_cast<unsigned>(std::bit_width(value)) - 1;
    constexpr std::uint64_t kRootOfTwo = 0xb504'f333'f9de'6485;  // √2 · 2⁶³, rounded up.
    bool const upper = value << (63 - power) >= kRootOfTwo;
    return std::min<std::size_t>(2 * (power - 10) + (upper ? 1 : 0), kPlaces - 1);
  }
  /// The age that stands for a place, in seconds: the middle, in logarithms.
  [[nodiscard]] static double seconds_of(std::size_t place) {
    return std::chrono::duration<double>(kLeast).count() * std::exp2((static_cast<double>(place) + 0.5) / 2);
  }
};

}  // namespace tableforge::metrics
