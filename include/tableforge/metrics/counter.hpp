#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "tableforge/metrics/metric_set.hpp"

namespace tableforge::metrics {

/// Something that only grows.
///
/// Threads: any; relaxed.
class Counter {
 public:
  Counter() = default;
  Counter(MetricSet &set, std::string_view name, std::string_view help) { set.enlist(name, help, *this); }
  Counter(Counter const &) = delete;
  Counter &operator=(Counter const &) = delete;

  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Something that comes and goes.
///
/// Threads: any; relaxed. Several owners may add to and subtract from one gauge.
class Gauge {
 public:
  Gauge() = default;
  Gauge(MetricSet &set, std::string_view name, std::string_view help) { set.enlist(name, help, *this); }
  Gauge(Gauge const &) = delete;
  Gauge &operator=(Gauge const &) = delete;

  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace tableforge::metrics
