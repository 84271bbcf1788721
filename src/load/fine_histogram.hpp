#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tableforge/load/load_report.hpp"

namespace tableforge::load {

/// How often each latency was seen, in logarithmic buckets: each power of two is cut into 128 equal parts, so a
/// quantile is off by at most 1/256 of itself. Finer than metrics::LatencyHistogram and not shared: one increment per
/// record.
///
/// Threads: one.
/// Bounds:  2^42 ns, 73 minutes; what took longer is counted as that.
class FineHistogram {
 public:
  static constexpr unsigned kPartBits = 7;
  static constexpr unsigned kValueBits = 42;
  static constexpr std::uint64_t kParts = std::uint64_t{1} << kPartBits;
  static constexpr std::uint64_t kValueMax = (std::uint64_t{1} << kValueBits) - 1;
  static constexpr std::size_t kCount = (kValueBits - kPartBits + 1) * kParts;

  FineHistogram() : counts_(kCount) {}

  /// A negative latency is none.
  void record(std::int64_t nanoseconds) {
    auto const value = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)), kValueMax);
    ++counts_[index_of(value)];
    max_ = std::max(max_, value);
  }

  [[nodiscard]] LatencyQuantiles quantiles() const;
  /// Of what was recorded after `earlier` was a copy of this. Its max is that of the highest bucket.
  [[nodiscard]] LatencyQuantiles since(FineHistogram const &earlier) const;

  static constexpr std::size_t index_of(std::uint64_t value) {
    if (value < kParts) return static_cast<std::size_t>(value);
    unsigned const shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kPartBits;
    return static_cast<std::size_t>((shift + 1) * kParts + ((value >> shift) & (kParts - 1)));
  }
  /// The value that stands for a bucket.
  static constexpr std::uint64_t middle_of(std::size_t index) {
    if (index < kParts) return index;
    std::uint64_t const shift = index / kParts - 1;
    return ((kParts + index % kParts) << shift) + ((std::uint64_t{1} << shift) - 1) / 2;
  }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t max_ = 0;
};

static_assert(FineHistogram::index_of(FineHistogram::kValueMax) == FineHistogram::kCount - 1);

}  // namespace tableforge::load
