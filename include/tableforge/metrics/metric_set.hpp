#pragma once

#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace tableforge::metrics {

class Counter;
class Gauge;
class RealGauge;
class SecondsCounter;
class LatencyHistogram;
class SizeHistogram;
template <class M>
class Family;

/// The metrics that were declared as its members, in the order of their declaration.
///
/// Threads: filled while it is constructed, then any.
/// Owns:    nothing; the metrics are members of the struct that derives from it, and none can be copied or moved.
class MetricSet {
 public:
  using Metric = std::variant<Counter const *, SecondsCounter const *, Gauge const *, RealGauge const *,
                              LatencyHistogram const *, SizeHistogram const *, Family<Counter> const *,
                              Family<Gauge> const *, Family<RealGauge> const *, Family<LatencyHistogram> const *>;

  struct Entry {
    std::string_view name;
    std::string_view help;
    Metric metric;
  };

  MetricSet() = default;
  MetricSet(MetricSet const &) = delete;
  MetricSet &operator=(MetricSet const &) = delete;

  [[nodiscard]] std::span<Entry const> entries() const { return entries_; }

  /// Called by a metric as it is constructed. Name and help are literals.
  template <class M>
  void enlist(std::string_view name, std::string_view help, M const &metric) {
    entries_.push_back({name, help, &metric});
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace tableforge::metrics
