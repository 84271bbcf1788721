#include "tableforge/metrics/histogram_snapshot.hpp"

#include <algorithm>
#include <cmath>

#include "tableforge/metrics/log_buckets.hpp"

namespace tableforge::metrics {

HistogramSnapshot::HistogramSnapshot() : buckets_(log_buckets::kCount) {}

double HistogramSnapshot::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t HistogramSnapshot::quantile(double q) const {
  if (count_ == 0) return 0;
  double const wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
  auto const rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] == 0) continue;
    seen += buckets_[i];
    last = i;
    if (seen >= rank) break;
  }
  return log_buckets::middle_of(last);
}

std::uint64_t HistogramSnapshot::count_at_most(std::uint64_t bound) const {
  std::size_t const last = log_buckets::index_of(bound);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i <= last; ++i) seen += buckets_[i];
  return seen;
}

void HistogramSnapshot::merge(HistogramSnapshot const &other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
}

HistogramSnapshot HistogramSnapshot::since(HistogramSnapshot const &earlier) const {
  HistogramSnapshot difference;
  for (std::size_t i = 0; i < buckets_.size(); ++i) difference.buckets_[i] = buckets_[i] - earlier.buckets_[i];
  difference.count_ = count_ - earlier.count_;
  difference.sum_ = sum_ - earlier.sum_;
  return difference;
}

}  // namespace tableforge::metrics
