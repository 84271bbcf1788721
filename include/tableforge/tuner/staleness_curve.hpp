#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tableforge::tuner {

/// Ages on a grid of √2, from a millisecond to three days: what hits are counted by.
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
  [[nodiscard]] static double seconds_of(std::size_t place);
};

/// How probable it is that a cached value is stale, by its age, learnt from those that were compared with the database.
///
/// It only rises with age, since what is stale does not become fresh: neighbouring ages that say otherwise are pooled
/// (the pool-adjacent-violators algorithm, Ayer et al., Annals of Mathematical Statistics 26, 1955). Below the least
/// age that was compared the probability goes to 0 with it, beyond the greatest it goes on at the rate reached there.
///
/// Threads: one.
/// Bounds:  under 2 KiB.
class StalenessCurve {
 public:
  /// An age of which fewer comparisons are left says nothing: what was learnt of ages that no value reaches any more
  /// is corrected by nobody.
  static constexpr double kSeenMin = 16;

  /// One comparison.
  void add(std::chrono::microseconds age, bool stale);
  /// What was learnt counts for half from now on.
  void fade();

  [[nodiscard]] double probability(std::chrono::microseconds age) const {
    if (!fitted_) refit();
    return by_place_[AgeGrid::place_of(age)];
  }
  /// Of hits that were counted by the place of their age: how many were stale, by expectation.
  [[nodiscard]] double expected_stale(std::span<double const, AgeGrid::kPlaces> hits) const;
  [[nodiscard]] double compared() const { return compared_; }

 private:
  [[nodiscard]] double at(double seconds) const;
  void refit() const;

  std::array<double, AgeGrid::kPlaces> seen_{};
  std::array<double, AgeGrid::kPlaces> stale_{};
  double compared_ = 0;

  // Fitted when asked: points of age and probability, both rising.
  struct Point {
    double seconds;
    double probability;
  };
  mutable std::array<Point, AgeGrid::kPlaces> points_{};
  mutable std::array<double, AgeGrid::kPlaces> by_place_{};
  mutable std::size_t points_count_ = 0;
  mutable bool fitted_ = false;
};

}  // namespace tableforge::tuner
