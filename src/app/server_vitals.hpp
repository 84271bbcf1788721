#pragma once

#include <cstdint>

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/metrics/histogram_snapshot.hpp"
#include "tableforge/tuner/cached_class.hpp"

namespace tableforge::app {

/// How the server does, by what it exports anyway: the latency of its answers to requests and actions, the share of
/// them that it owes, and its memory.
///
/// Threads: the tuner's.
class ServerVitals final : public tuner::VitalSigns {
 public:
  explicit ServerVitals(metrics::Catalogue const &metrics) : metrics_(metrics) {}

  void begin(Time now) override;
  [[nodiscard]] tuner::Vitals end(Time now) override;

 private:
  struct Counted {
    metrics::HistogramSnapshot latency;
    std::uint64_t answers = 0;
    std::uint64_t errors = 0;
  };
  [[nodiscard]] Counted counted() const;

  metrics::Catalogue const &metrics_;
  Counted begun_;
};

}  // namespace tableforge::app
