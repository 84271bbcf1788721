#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tableforge::metrics {

/// What a histogram held at one moment: a value that can be kept, merged, and subtracted from a later one.
///
/// Values are whole numbers in the histogram's unit: nanoseconds for latencies, otherwise what was counted.
///
/// Errors: none; a quantile of nothing is 0.
class HistogramSnapshot {
 public:
  HistogramSnapshot();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] double mean() const;
  /// The value below or at which a share `q` (0…1) of all values lies, within 1/64 of it (exact below 64).
  [[nodiscard]] std::uint64_t quantile(double q) const;
  [[nodiscard]] std::chrono::nanoseconds latency(double q) const {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(quantile(q)));
  }
  /// How many values lie at or below `bound`. Counts whole buckets, so values up to 1/32 above it may be included.
  [[nodiscard]] std::uint64_t count_at_most(std::uint64_t bound) const;

  void merge(HistogramSnapshot const &other);
  /// What was recorded after `earlier`, an older snapshot of the same histogram.
  [[nodiscard]] HistogramSnapshot since(HistogramSnapshot const &earlier) const;

 private:
  friend class LogHistogram;

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace tableforge::metrics
