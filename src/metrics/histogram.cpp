#include "tableforge/metrics/histogram.hpp"

namespace tableforge::metrics {

HistogramSnapshot LogHistogram::snapshot() const {
  HistogramSnapshot taken;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    taken.buckets_[i] = buckets_[i].load(std::memory_order_relaxed);
    taken.count_ += taken.buckets_[i];
  }
  taken.sum_ = sum_.load(std::memory_order_relaxed);
  return taken;
}

}  // namespace tableforge::metrics
