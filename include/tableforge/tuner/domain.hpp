#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/tuner/budget.hpp"
#include "tableforge/tuner/candidate.hpp"
#include "tableforge/tuner/exposure.hpp"
#include "tableforge/tuner/guard.hpp"
#include "tableforge/tuner/judge.hpp"
#include "tableforge/tuner/reading.hpp"

namespace tableforge::tuner {

/// A knob as it stands. `boot` is what the process began with: its settings, before the tuner.
struct KnobValue {
  std::string name;
  double value = 0;
  double boot = 0;
  double min = 0;
  double max = 0;
};

/// What was seen from one slot to the next.
struct Observation {
  Time since{};
  Time until{};
  Cost cost;
};

/// How far each knob may move now.
class StepLimits {
 public:
  virtual ~StepLimits() = default;
  /// As a ratio.
  [[nodiscard]] virtual double step_max(std::string_view knob, Direction direction) const = 0;
  /// Whether this candidate may go farther: it promises much, and its interval excludes that there is nothing.
  [[nodiscard]] virtual bool may_leap(Candidate const &candidate) const = 0;
};

enum class Applied : std::uint8_t {
  done,
  under_way,  ///< An index is being built: to be asked again.
};

/// What a domain has noticed by itself.
enum class Alarm : std::uint8_t {
  none,
  shifted,  ///< The load has become another one: what was measured before it, a trial included, says nothing of it.
  ready,  ///< Enough is known of the new load that a slot need not wait for the schedule. Said until rank() is called.
};

/// A part of the server that can be tuned: the port by which the one loop reaches it.
///
/// It measures always, changes nothing by itself, and decides nothing: whether a candidate is tried, and what becomes
/// of it, is the loop's.
///
/// Threads: the tuner's. Calls may block for as long as a query does.
class Domain {
 public:
  virtual ~Domain() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual CouplingGroup group() const = 0;
  /// Constant, in the order in which readings have their values.
  [[nodiscard]] virtual std::span<Guard const> guards() const = 0;
  /// Below this many requests to a side, a segment says nothing.
  [[nodiscard]] virtual double requests_min() const = 0;
  /// Those there are now: they may come and go, as indexes do, from one slot to the next. Asked often, from memory.
  [[nodiscard]] virtual std::vector<KnobValue> knobs() const = 0;

  /// What everything has cost since the process began.
  [[nodiscard]] virtual Cost total() const = 0;
  /// Whenever the loop is advanced, about once a second, in trials too: for what has to be looked at now and then.
  virtual Alarm look(Time) { return Alarm::none; }
  /// What could be changed, judged in shadow by what was seen lately. Asking changes nothing, and is not done while the
  /// domain has a trial.
  [[nodiscard]] virtual Ranking rank(Time now, Weights const &weights, StepLimits const &limits) = 0;

  /// Gives the new values to whom `exposure` says, and the old ones to everybody else; asked again, the same again,
  /// until it is done. On an error the exposure is unknown, and undo() follows.
  [[nodiscard]] virtual Result<Applied> apply(std::vector<Change> const &changes, Exposure const &exposure) = 0;
  /// Forgets what was measured, and begins to measure both sides anew.
  virtual void begin_reading(Time now) = 0;
  [[nodiscard]] virtual Reading end_reading(Time now) = 0;

  /// The new values become everybody's, and nothing is tried any more. Also how an operator sets a knob.
  [[nodiscard]] virtual Result<void> keep(std::vector<Change> const &changes) = 0;
  /// The old values are everybody's. Does the same however far apply() or keep() came, in this process or in one that
  /// ended, and if nothing is to be undone.
  [[nodiscard]] virtual Result<void> undo(std::vector<Change> const &changes) = 0;
  /// What became of a trial, behind keep() or undo().
  virtual void learn(std::vector<Change> const &, Verdict, Time) {}
};

}  // namespace tableforge::tuner
