#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "tableforge/tuner/tuner.hpp"

#include "tuner/trial.hpp"

namespace tableforge::tuner {

/// The loop of one domain: a small machine that is idle, in one segment of a trial, or about to end one.
///
///   idle ──slot──► applying ─► settling ─► measuring ──┬─► applying the next segment
///    ▲                                                 └─► ending: keep or undo, then the outcome is recorded
///    └─────────────────────────────────────────────────────────┘
///
/// Threads: one.
class DomainLoop final : private StepLimits {
 public:
  DomainLoop(TunedDomain tuned, Record &record, Budget &budget, TunerOptions const &options);

  [[nodiscard]] Result<void> start(Time now);
  Time advance(Time now);
  Report slot(Time now, Trigger trigger, bool dry_run) { return slot(now, trigger, dry_run, false); }
  /// Ends a trial from outside, and takes it back.
  void abandon(std::string_view reason, Time now);
  /// Takes back what is to be taken back, if that is possible now. True if nothing is tried any more.
  bool end(Time now);
  [[nodiscard]] Result<void> pin(std::string_view knob, double value, Time now);
  [[nodiscard]] Result<void> unpin(std::string_view knob);
  [[nodiscard]] Result<void> reset(Time now);

  [[nodiscard]] Domain &domain() const { return domain_; }
  [[nodiscard]] bool busy() const { return phase_ != Phase::idle; }
  /// For another domain of the group.
  [[nodiscard]] bool waits() const { return waits_; }
  /// It waited, and need not any more.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] Candidate const *trial() const { return trial_ ? &trial_->candidate() : nullptr; }
  [[nodiscard]] Report const *report() const { return report_ ? &*report_ : nullptr; }
  [[nodiscard]] bool has(std::string_view knob) const;
  [[nodiscard]] KnobState const &state(std::string_view knob) const { return states_.find(knob)->second; }

 private:
  enum class Phase : std::uint8_t { idle, applying, settling, measuring, ending };

  /// Of knobs that come and go, as many are remembered.
  static constexpr std::size_t kStatesMax = 256;

  [[nodiscard]] double step_max(std::string_view knob, Direction direction) const override;
  [[nodiscard]] bool may_leap(Candidate const &candidate) const override;
  /// `again`: the slot came before, and waited.
  Report slot(Time now, Trigger trigger, bool dry_run, bool again);
  void meet_knobs();
  void hear(Alarm alarm, Time now);
  /// Why not this one, now; empty for no reason.
  [[nodiscard]] std::string hindrance(Candidate const &candidate, Time now) const;
  void choose(Report &report, Ranking ranking, Time now);
  /// What stands in the way of a trial; empty if it has begun.
  std::string begin(Report const &report, Trigger trigger, Time now);
  void limit(Candidate &candidate) const;
  bool run_trial(Time now);
  void conclude(Judgement const &judgement, Time now);
  void release();
  void learn(Time now);
  [[nodiscard]] Result<void> remember_values(bool kept);
  [[nodiscard]] Action new_action(std::vector<Change> changes, ActionState state, Trigger trigger, Time now);
  [[nodiscard]] Result<void> set(std::string_view knob, double value, std::string_view reason, Time now);
  [[nodiscard]] Result<void> undo_unfinished(Time now);
  [[nodiscard]] Result<void> take_up_values();

  Domain &domain_;
  std::optional<CronSchedule> schedule_;
  Record &record_;
  Budget &budget_;
  TunerOptions const &options_;
  std::mt19937_64 random_;

  std::map<std::string, KnobState, std::less<>> states_;
  std::optional<Time> next_slot_;
  Observation seen_;  ///< All up to the latest slot.
  std::optional<Report> report_;

  bool waits_ = false;
  std::optional<Time> alarmed_;  ///< When a slot was last run out of turn.
  bool kept_ = false;            ///< The latest trial was: the next step need not wait either.

  Phase phase_ = Phase::idle;
  std::optional<Trial> trial_;
  Time until_{};
  Judgement judgement_;
  Action outcome_;
  bool taken_back_ = false;  ///< In Phase::ending: what was applied is undone, or is to stay.
};

}  // namespace tableforge::tuner
