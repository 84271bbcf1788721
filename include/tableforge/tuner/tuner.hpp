#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/tuner/budget.hpp"
#include "tableforge/tuner/cron_schedule.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/judge.hpp"
#include "tableforge/tuner/mode.hpp"
#include "tableforge/tuner/ports/record.hpp"
#include "tableforge/tuner/report.hpp"
#include "tableforge/tuner/step.hpp"
#include "tableforge/tuner/trial_plan.hpp"

namespace tableforge::tuner {

class DomainLoop;

/// A domain, and when it is looked at. Without a schedule only an operator starts it.
struct TunedDomain {
  Domain &domain;
  std::optional<CronSchedule> schedule;
};

struct TunerOptions {
  Mode mode = Mode::observe;
  Weights weights{};
  PlanRules plan{};
  JudgeRules judge{};
  double step_max = kStepMax;
  double step_power_max = 4;  ///< How far steps the same way grow, as a power of step_max; 1 for not at all.
  double predicted_gain_min = kPredictedGainMin;
  double leap_gain_min = kLeapGainMin;
  double early_gain_min = kLeapGainMin;  ///< The predicted gain from which on a trial may be kept early,
  std::size_t early_blocks = 6;          ///< after so many blocks.
  /// How long until what failed is tried again: an undo, a line that the record did not take.
  std::chrono::milliseconds retry = std::chrono::seconds(1);
  std::uint64_t seed = 0;  ///< Of cohorts, orders and ids. From the operating system, but for trials of the tuner.
  std::uint64_t config_hash = 0;
  bool held = false;  ///< No trial begins.
};

/// The loop: observe, propose, try, judge, keep or revert, record. It has no clock, no thread and no chance of its own:
/// advance() is called with the time, and tells when it wants to be called next.
///
///  - Nothing is applied before its intent is in the record, and no trial begins while the record refuses.
///  - A slot that comes while the domain has a trial is run once, when that is over; several are run once.
///  - At most one knob, or one set of knobs that belong together, is tried in each coupling group. A slot that comes
///    while another domain of the group has a trial is run again when that is over, before anybody who came later.
///  - An undo that fails is repeated until it succeeds; meanwhile nothing else happens in its group.
///
/// Threads: one, the tuner's. Its destruction is that of a crash: what is being tried stays as it is, and is undone by
///          start() of the next one. stop() ends it in order.
/// Owns:    none of the domains nor the record, which outlive it.
/// Bounds:  a reading for each segment of the trials in progress, at most one in each group.
/// Errors:  those of domains and record end a trial, and are in its outcome.
class Tuner {
 public:
  Tuner(std::vector<TunedDomain> domains, Record &record, TunerOptions options);
  ~Tuner();
  Tuner(Tuner const &) = delete;
  Tuner &operator=(Tuner const &) = delete;

  /// Undoes what a process before this one was trying, and takes up what it had kept (in auto) and what is pinned. To
  /// be repeated until it succeeds; until then advance() does nothing.
  [[nodiscard]] Result<void> start(Time now);
  /// Does what is due, and returns when something will be.
  Time advance(Time now);
  /// Ends trials and takes them back, and goes on: what they are measured by is away. `reason` is a literal.
  void interrupt(std::string_view reason, Time now);
  /// While it is held no trial begins: what it would measure is not the server's usual day.
  void hold(bool held) { options_.held = held; }
  /// Ends trials and takes them back. What cannot be undone now is left to the next start().
  void stop(Time now);

  /// By an operator: a slot of this domain, now. A dry run changes nothing and records nothing. not_found for a domain
  /// that there is not, conflict while it has a trial.
  [[nodiscard]] Result<Report> run(std::string_view domain, Time now, bool dry_run);
  /// Ends a trial of the knob, sets it, and leaves it alone until unpin(). not_found for a knob that there is not,
  /// invalid out of its bounds.
  [[nodiscard]] Result<void> pin(std::string_view knob, double value, Time now);
  [[nodiscard]] Result<void> unpin(std::string_view knob);
  /// Less than before ends trials that the mode no longer allows.
  void set_mode(Mode mode, Time now);
  /// Back to the boot configuration: ends trials, unpins, forgets what was kept and learnt, and goes on in `observe`.
  [[nodiscard]] Result<void> reset(Time now);

  [[nodiscard]] Mode mode() const { return options_.mode; }
  /// What is being tried; nullptr if nothing is.
  [[nodiscard]] Candidate const *trial(std::string_view domain) const;
  /// Its slot came, and is run again when another domain of its group has ended what it tries.
  [[nodiscard]] bool waits(std::string_view domain) const;
  /// The latest of each domain that had a slot.
  [[nodiscard]] Report const *report(std::string_view domain) const;
  [[nodiscard]] KnobState const *knob_state(std::string_view knob) const;

 private:
  [[nodiscard]] DomainLoop *find(std::string_view domain) const;
  [[nodiscard]] DomainLoop *find_knob(std::string_view knob) const;

  TunerOptions options_;
  Budget budget_;
  std::vector<std::unique_ptr<DomainLoop>> loops_;
  bool started_ = false;
};

}  // namespace tableforge::tuner
