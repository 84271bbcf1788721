#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "tableforge/metrics/histogram_snapshot.hpp"
#include "tableforge/metrics/log_buckets.hpp"
#include "tableforge/metrics/metric_set.hpp"

namespace tableforge::metrics {

/// Counts values in logarithmic buckets; the exporter and the tuner read the same ones, so a thing is measured once.
///
/// Threads: any. A snapshot taken while others record is one that could have been, give or take the newest values.
/// Bounds:  10 KiB each, fixed; a value is off by at most 1/64 of itself. Recording is two relaxed additions.
class LogHistogram {
 public:
  LogHistogram() = default;
  LogHistogram(LogHistogram const &) = delete;
  LogHistogram &operator=(LogHistogram const &) = delete;

  [[nodiscard]] HistogramSnapshot snapshot() const;

 protected:
  ~LogHistogram() = default;

  void record_value(std::uint64_t value) {
    buckets_[log_buckets::index_of(value)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, log_buckets::kCount> buckets_{};
  std::atomic<std::uint64_t> sum_{0};
};

/// How long something took, in nanoseconds inside and seconds in the exporter.
class LatencyHistogram final : public LogHistogram {
 public:
  LatencyHistogram() = default;
  LatencyHistogram(MetricSet &set, std::string_view name, std::string_view help) { set.enlist(name, help, *this); }

  /// A negative duration, which only a clock that was set back can give, counts as 0.
  void record(std::chrono::nanoseconds duration) {
    record_value(duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count()));
  }
};

/// How large something was: bytes, rows, events.
class SizeHistogram final : public LogHistogram {
 public:
  SizeHistogram() = default;
  SizeHistogram(MetricSet &set, std::string_view name, std::string_view help) { set.enlist(name, help, *this); }

  void record(std::uint64_t size) { record_value(size); }
};

}  // namespace tableforge::metrics
