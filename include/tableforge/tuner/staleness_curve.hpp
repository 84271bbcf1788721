#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "tableforge/metrics/age_grid.hpp"

namespace tableforge::tuner {

using metrics::AgeGrid;

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
  /// What another thread learnt of the same class.
  void merge(StalenessCurve const &other);

  [[nodiscard]] double probability(std::chrono::microseconds age) const {
    if (!fitted_) refit();
    return by_place_[AgeGrid::place_of(age)];
  }
  /// Of hits that were counted by the place of their age: how many were stale, by expectation.
  [[nodiscard]] double expected_stale(std::span<double const, AgeGrid::kPlaces> hits) const;
  [[nodiscard]] double compared() const { return compared_; }

  /// How many of those that are compared at this age are expected to be stale, one by one added up; and between which
  /// it may be, for all that is known. Nothing where the age is not known.
  struct Expectation {
    double most = 0;
    double least = 0;
  };
  [[nodiscard]] std::optional<Expectation> expectation(std::chrono::microseconds age) const;

 private:
  [[nodiscard]] double at(double seconds) const;
  void refit() const;

  std::array<double, AgeGrid::kPlaces> seen_{};
  std::array<double, AgeGrid::kPlaces> stale_{};
  double compared_ = 0;
  double found_stale_ = 0;

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
