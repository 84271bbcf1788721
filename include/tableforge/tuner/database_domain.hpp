#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tableforge/tuner/cached_class.hpp"
#include "tableforge/tuner/database_window.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/index_advice.hpp"
#include "tableforge/tuner/ports/database.hpp"

namespace tableforge::tuner {

/// The indexes of the database that all instances of a deployment share; the one that holds its lock tunes them.
///
/// Between slots it keeps the last windows of the database's own counters. A candidate is an index that the planner
/// says, for values that were really asked for, would save the reading statements more than three times what it costs
/// the writing ones. It is built beside the traffic and judged before and after: the helped statements' time for each
/// call, divided by that of statements which have nothing to do with the table. Whatever the outcome says, a statement
/// of the table that became slower, writes that became dearer, or HOT updates that are lost take it away at once.
///
/// Only indexes that the tuner itself built are ever dropped.
///
/// Threads: the tuner's.
/// Owns:    the windows. Database and vitals outlive it.
/// Bounds:  see Options; 32 candidates are priced in a slot, on 16 statements.
class DatabaseDomain final : public Domain {
 public:
  struct Options {
    std::chrono::milliseconds window = std::chrono::minutes(1);
    std::size_t windows = 4;
    std::size_t windows_min = 3;  ///< In which a statement must have
    double calls_min = 100;       ///< as many calls.
    double requests_min = 3;      ///< Of the helped statements, in each of the 12 blocks of a side.
    std::chrono::milliseconds settling = std::chrono::seconds(10);
    double realised = 0.5;  ///< How much of what the planner promises comes true.
    double entry_ms = kIndexEntryMs;
    double benefit_ratio_min = 3;
    double share_min = 0.01;  ///< Of the database's time that an index must save.
    double hot_share_lost_max = 0.05;
    std::size_t indexes_max = 8;
    double builds_a_day = 2;
    double disk_share_max = 0.1;  ///< Of the database, for all indexes of the tuner's.
    double transaction_age_max_s = 60;
    double size_overrun_max = 2;  ///< A build that passes its estimate so many times is stopped,
    double size_floor = 4 << 20;  ///< not below this, where estimates are rough.
    std::chrono::milliseconds patience = std::chrono::minutes(10);  ///< For old transactions to end.
    double executions_min = 30;  ///< Of a statement on each side, to be called slower;
    double updates_min = 100;    ///< of a table's updates, to have lost HOT ones.
    double slower_max = 0.10;
    double writes_slower_max = 0.05;
    double significant_t = 3;
  };

  DatabaseDomain(Database &database, VitalSigns &vitals, Options options);

  [[nodiscard]] std::string_view name() const override { return "database"; }
  [[nodiscard]] CouplingGroup group() const override { return CouplingGroup::cache_and_database; }
  [[nodiscard]] std::span<Guard const> guards() const override { return kGuards; }
  [[nodiscard]] double requests_min() const override { return options_.requests_min; }
  [[nodiscard]] std::vector<KnobValue> knobs() const override;
  [[nodiscard]] Cost total() const override { return total_; }
  [[nodiscard]] Ranking rank(Time now, Weights const &weights, StepLimits const &limits) override;
  [[nodiscard]] Result<Applied> apply(std::vector<Change> const &changes, Exposure const &exposure) override;
  void begin_reading(Time now) override;
  [[nodiscard]] Reading end_reading(Time now) override;
  [[nodiscard]] Result<void> keep(std::vector<Change> const &changes) override;
  [[nodiscard]] Result<void> undo(std::vector<Change> const &changes) override;
  Alarm look(Time now) override;
  void learn(std::vector<Change> const &changes, Verdict verdict, Time now) override;

  [[nodiscard]] bool leads() const { return leads_; }

 private:
  /// Latency of answers is no guard: it is what an index is for, and to 2 % it is noise from one minute to another.
  static constexpr std::array<Guard, 2> kGuards{kErrorGuard, {"blocks_per_call", Guard::Kind::ratio, 0.02}};

  /// An index that was priced.
  struct Proposal {
    IndexSpec spec;
    double saved_ms = 0;  ///< Per second, with what is expected to come true.
    WritePrice writes;
    double bytes = 0;
    std::set<std::int64_t> helped;
    Cost now;
    Cost predicted;
    Cost best;  ///< If all came true.
  };
  struct Known {
    SampledStatement statement;
    StatementPlan plan;
  };

  Result<void> take_window(Time now);
  Result<void> settle_indexes();
  [[nodiscard]] DatabaseWindow recent() const;
  [[nodiscard]] bool often(std::int64_t id) const;
  [[nodiscard]] Result<std::vector<Known>> explain_often(DatabaseWindow const &window);
  [[nodiscard]] Result<Proposal> price(IndexSpec const &spec, std::vector<Known> const &known,
                                       DatabaseWindow const &window);
  /// Why not; empty for no reason.
  [[nodiscard]] std::string objection(Proposal const &proposal, DatabaseWindow const &window,
                                      BuildPremises const &premises) const;
  [[nodiscard]] Candidate candidate_of(Proposal const &proposal) const;
  [[nodiscard]] Result<Applied> build(IndexSpec const &spec);
  [[nodiscard]] Reading read(DatabaseWindow const &window, Vitals const &vitals) const;
  [[nodiscard]] std::string_view harm() const;
  [[nodiscard]] double drift() const;

  Database &database_;
  VitalSigns &vitals_;
  Options options_;

  bool leads_ = false;
  bool settled_ = false;  ///< What others have left is gone.
  std::string trouble_ = "nothing was measured yet";
  std::optional<DatabaseTotals> latest_;
  Time latest_at_{};
  Time next_look_{};
  std::deque<DatabaseWindow> windows_;
  Cost total_;
  std::map<std::string, KnobValue> knobs_;
  std::vector<AutoIndex> indexes_;

  // Of the trial.
  std::map<std::string, Proposal> proposals_;  ///< Of the latest ranking.
  std::optional<Proposal> tried_;
  std::map<std::int64_t, double> control_;  ///< What nothing of the table concerns, and how often it was called.
  std::optional<Time> waits_since_;
  bool began_build_ = false;
  bool treated_ = false;
  std::optional<DatabaseTotals> begun_;
  Time begun_at_{};
  DatabaseWindow before_;
  DatabaseWindow after_;
};

}  // namespace tableforge::tuner
