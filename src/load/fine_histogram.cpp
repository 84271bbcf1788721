#include "load/fine_histogram.hpp"

#include <cmath>
#include <numeric>
#include <span>

namespace tableforge::load {

namespace {

std::chrono::nanoseconds quantile(std::span<std::uint64_t const> counts, std::uint64_t total, double share) {
  // The smallest value that at least this share of all does not exceed.
  auto const wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seen += counts[i];
    if (counts[i] > 0 && seen >= wanted) return std::chrono::nanoseconds(FineHistogram::middle_of(i));
  }
  return {};
}

LatencyQuantiles all_quantiles(std::span<std::uint64_t const> counts) {
  auto const total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  return {.count = total,
          .p50 = quantile(counts, total, 0.5),
          .p90 = quantile(counts, total, 0.9),
          .p99 = quantile(counts, total, 0.99),
          .p999 = quantile(counts, total, 0.999),
          .max = quantile(counts, total, 1)};
}

}  // namespace

LatencyQuantiles FineHistogram::quantiles() const {
  auto result = all_quantiles(counts_);
  result.max = std::chrono::nanoseconds(max_);
  return result;
}

LatencyQuantiles FineHistogram::since(FineHistogram const &earlier) const {
  std::vector<std::uint64_t> counts(kCount);
  for (std::size_t i = 0; i < kCount; ++i) counts[i] = counts_[i] - earlier.counts_[i];
  return all_quantiles(counts);
}

}  // namespace tableforge::load
