#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "tableforge/base/guarded.hpp"
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

/// A time that only grows: nanoseconds inside and seconds in the exporter.
///
/// Threads: any; relaxed.
class SecondsCounter {
 public:
  SecondsCounter(MetricSet &set, std::string_view name, std::string_view help) { set.enlist(name, help, *this); }
  SecondsCounter(SecondsCounter const &) = delete;
  SecondsCounter &operator=(SecondsCounter const &) = delete;

  void add(std::chrono::nanoseconds time) { value_.fetch_add(time.count(), std::memory_order_relaxed); }
  [[nodiscard]] std::chrono::nanoseconds value() const {
    return std::chrono::nanoseconds(value_.load(std::memory_order_relaxed));
  }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// A share, or anything else that is no whole number.
///
/// Threads: any; relaxed.
class RealGauge {
 public:
  RealGauge() = default;
  RealGauge(MetricSet &set, std::string_view name, std::string_view help) { set.enlist(name, help, *this); }
  RealGauge(RealGauge const &) = delete;
  RealGauge &operator=(RealGauge const &) = delete;

  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// The highest of the numbers that several owners say, each for itself: how the worst of them is.
///
/// Threads: any. Saying takes a lock, so it is for what seldom changes; reading takes none.
class HighestGauge {
 public:
  HighestGauge(MetricSet &set, std::string_view name, std::string_view help) : gauge_(set, name, help) {}

  /// One owner begins to say a number, says another one, or says none any more.
  void change(std::optional<std::int64_t> from, std::optional<std::int64_t> to) {
    said_.with([&](std::multiset<std::int64_t> &said) {
      if (from) said.erase(said.find(*from));
      if (to) said.insert(*to);
      gauge_.set(said.empty() ? 0 : *said.rbegin());
    });
  }
  /// 0 while nobody says anything.
  [[nodiscard]] std::int64_t value() const { return gauge_.value(); }

 private:
  Gauge gauge_;
  Guarded<std::multiset<std::int64_t>> said_;
};

}  // namespace tableforge::metrics
