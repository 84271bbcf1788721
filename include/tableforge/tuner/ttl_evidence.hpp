#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

namespace tableforge::tuner {

/// What some lifetimes would have cost, by the minute: what TtlShadow counts, as a value that can leave its thread and
/// be put together with that of others.
struct TtlEvidence {
  static constexpr std::size_t kPlaces = 16;

  /// Of the reads under one lifetime, weighted to stand for all reads.
  struct Count {
    double reads = 0;
    double misses = 0;
    double stale = 0;

    Count &operator+=(Count const &other) {
      reads += other.reads;
      misses += other.misses;
      stale += other.stale;
      return *this;
    }
  };

  std::array<double, kPlaces> seconds{};                      ///< The lifetimes, rising.
  std::map<std::int64_t, std::array<Count, kPlaces>> epochs;  ///< By the number of the minute; none is empty.
  double samples = 0;                                         ///< Reads it rests on, unweighted.
  double keys = 0;                                            ///< That were read, by estimate.

  [[nodiscard]] Count sum(std::size_t place) const {
    Count total;
    for (auto const &[number, counts] : epochs) total += counts[place];
    return total;
  }
  /// Of the same class and the same lifetimes, seen by another thread.
  void merge(TtlEvidence const &other) {
    for (auto const &[number, counts] : other.epochs) {
      auto &mine = epochs[number];
      for (std::size_t place = 0; place < kPlaces; ++place) mine[place] += counts[place];
    }
    samples += other.samples;
    keys = std::max(keys, other.keys);  // Mostly the same ones.
  }
};

}  // namespace tableforge::tuner
