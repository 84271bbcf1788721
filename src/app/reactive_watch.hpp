#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/tuner/ports/record.hpp"
#include "tableforge/tuner/reactive_monitor.hpp"

namespace tableforge::app {

/// The reactive monitor inside the server: what it sees is what the server exports, and what it may turn is listed
/// here.
///
/// Threads: the tuner's.
/// Owns:    the monitor; the knobs and the record outlive it.
class ReactiveWatch {
 public:
  /// `block` is the tuner's minute: a second is a sixtieth of it, but a tenth of a second at least.
  ReactiveWatch(Knobs &knobs, metrics::Catalogue &metrics, tuner::Record &record, std::chrono::milliseconds block,
                std::uint64_t config_hash);

  /// May be called at any time; returns when it wants to be called next.
  Time step(Time now, tuner::Mode mode);
  /// The process ends.
  void end(Time now, tuner::Mode mode);

  [[nodiscard]] tuner::ReactiveMonitor const &monitor() const { return monitor_; }

 private:
  /// What was counted when the latest second ended.
  struct Counted {
    metrics::HistogramSnapshot answers, turns, journal_waits, commits, pool_waits, outboxes, loads;
  };
  [[nodiscard]] Counted counted() const;
  [[nodiscard]] tuner::ReactiveMonitor::Second second();
  void tell();

  Knobs const &knobs_;
  metrics::Catalogue &metrics_;
  tuner::ReactiveMonitor monitor_;
  Counted seen_;
  bool begun_ = false;
  std::array<std::uint64_t, tuner::kStages> told_{};  ///< Moves, as told in the metrics.
};

}  // namespace tableforge::app
