#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tableforge/knobs/knobs.hpp"
#include "tableforge/tuner/cached_class.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/fanout.hpp"

namespace tableforge::tuner {

/// How presence is gathered: how many messages of a table one write is to carry, and which part of the latency that
/// actions leave it may take for that.
///
/// What a delivered message costs is measured, of the whole process: CPU time, and what actions and presence took
/// beyond the objective. A process has one CPU bill, so trials are switchbacks. The prediction is the formula's, on
/// the rates that tables had lately: with rate r and window w, 1/(1 + r·w) of the messages are written by themselves.
///
/// Threads: the tuner's.
/// Owns:    none of what it is given, which outlives it.
class WebsocketDomain final : public Domain {
 public:
  struct Options {
    std::chrono::milliseconds epoch = std::chrono::minutes(5);  ///< Evidence is one to two of these old.
    double requests_min = 1'000;                                ///< Messages delivered, of a side, in a block,
    double table_seconds_min = 100;  ///< and seconds of tables with presence, before anything is proposed.
    /// What a write costs: measured, between 3.7 and 6.1 µs (docs/adr/0010).
    double write_cpu_ms = 0.005;
  };

  WebsocketDomain(Fanout const &fanout, VitalSigns &vitals, Knobs &knobs, Options const &options);

  [[nodiscard]] std::string_view name() const override { return "websocket"; }
  [[nodiscard]] CouplingGroup group() const override { return CouplingGroup::network; }
  [[nodiscard]] std::span<Guard const> guards() const override { return kGuards; }
  [[nodiscard]] double requests_min() const override { return options_.requests_min; }
  [[nodiscard]] std::vector<KnobValue> knobs() const override;
  [[nodiscard]] Cost total() const override;
  Alarm look(Time now) override;
  [[nodiscard]] Ranking rank(Time now, Weights const &weights, StepLimits const &limits) override;
  [[nodiscard]] Result<Applied> apply(std::vector<Change> const &changes, Exposure const &exposure) override;
  void begin_reading(Time now) override;
  [[nodiscard]] Reading end_reading(Time now) override;
  [[nodiscard]] Result<void> keep(std::vector<Change> const &changes) override;
  [[nodiscard]] Result<void> undo(std::vector<Change> const &changes) override;

 private:
  static constexpr std::array<Guard, 3> kGuards{kLatencyGuard, kErrorGuard, kMemoryGuard};

  struct Tuned {
    Knob<double> &knob;
    double boot;
  };
  struct Evidence;

  [[nodiscard]] KnobValue value_of(Tuned const &tuned) const;
  [[nodiscard]] Tuned const *find(std::string_view knob) const;
  [[nodiscard]] Cost cost_of(FanoutCounts const &now, FanoutCounts const &then) const;
  void propose(Tuned const &tuned, Evidence const &evidence, Weights const &weights, StepLimits const &limits,
               Ranking &ranking) const;

  Fanout const &fanout_;
  VitalSigns &vitals_;
  Knobs &knobs_;
  Options options_;
  std::array<Tuned, 2> tuned_;

  FanoutCounts first_;  ///< When it was made,
  FanoutCounts older_;  ///< and where the last two epochs began.
  FanoutCounts newer_;
  std::optional<Time> rolled_;

  bool treated_ = false;  ///< Everybody has the new value.
  FanoutCounts begun_;
};

}  // namespace tableforge::tuner
