#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/tuner/estimate.hpp"
#include "tableforge/tuner/guard.hpp"
#include "tableforge/tuner/level_watch.hpp"
#include "tableforge/tuner/reading.hpp"

namespace tableforge::tuner {

/// What became of a trial. Only `keep` keeps.
enum class Verdict : std::uint8_t {
  keep,
  neutral,    ///< Not shown to be better by as much as a change must be.
  harmful,    ///< Shown to be worse.
  guarded,    ///< Better, and yet a guard is not shown to be as good as before.
  invalid,    ///< The control came to another level: nothing was learnt, of the candidate neither good nor bad.
  too_few,    ///< Too little was measured to say anything.
  abandoned,  ///< Ended from outside: an operator, a restart, an error.
};

struct JudgeRules {
  double gain_min = 0.01;         ///< The least mean reduction, as a logarithm.
  double confidence = 0.95;       ///< Of the interval that must exclude 0; guards are held to its upper end.
  double harm_confidence = 0.99;  ///< Of a look that may end a trial: there are many of them.
  std::size_t harm_from = 4;      ///< Judged blocks before the first such look.
  double harm_block = 0.69;       ///< One block twice as costly ends a trial at once,
  double harm_blocks = 0.22;      ///< and two in a row that are a quarter more costly.
  double measured_min = 0.75;     ///< The share of the blocks in which enough was measured.

  /// One look for a gain before the end, after so many judged blocks, all of them measured; 0 for none. For candidates
  /// of which much is expected: what is large is seen in half of the blocks.
  std::size_t early_blocks = 0;
  double early_confidence = 0.99;  ///< Of the interval that must exclude 0 then. Guards are held as at the end.
};

/// How a guard fared, as a logarithm or a difference.
struct GuardFinding {
  std::string_view name;
  double margin = 0;
  Estimate change;
  bool held = false;
};

struct Judgement {
  Verdict verdict = Verdict::too_few;
  std::string_view reason;  ///< A literal.
  Estimate log_ratio;       ///< Of the new objective to the old: below 0 is a gain.
  std::vector<GuardFinding> guards;
};

/// Gathers the blocks of one trial and says what they mean.
///
/// Kept is what is better by 1 % in the mean over the paired blocks, with a 95 % interval that excludes 0, and not
/// worse by any guard: a guard holds if the upper end of its interval lies within its margin, which is what
/// non-inferiority means; what was not measured well enough to show that has not held. Looks before the end can end a
/// trial for harm, but for one, half way, of a candidate that promises much: it may keep, by a stricter interval.
/// Looking often for a gain finds one.
///
/// Threads: one.
class Judge {
 public:
  Judge(std::span<Guard const> guards, JudgeRules const &rules = {}) : guards_(guards), rules_(rules) {}

  /// nullopt: a block in which too little was measured. An answer ends the trial.
  std::optional<Judgement> add(std::optional<PairedBlock> block, bool canary);

  /// What the control costs in a segment before anybody has the new value. An answer ends the trial.
  std::optional<Judgement> add_lead(double control_level);

  /// What a domain itself has shown to be harm.
  [[nodiscard]] Judgement harmed(std::string_view reason) const {
    return found(Verdict::harmful, reason, rules_.confidence);
  }

  /// After the last block.
  [[nodiscard]] Judgement conclude() const;

  [[nodiscard]] std::size_t blocks_measured() const { return log_ratios_.size(); }

 private:
  [[nodiscard]] Judgement found(Verdict verdict, std::string_view reason, double confidence) const;
  [[nodiscard]] std::optional<Judgement> look_for_harm() const;
  [[nodiscard]] std::optional<Judgement> look_for_gain() const;
  [[nodiscard]] bool jumped() const;

  std::span<Guard const> guards_;
  JudgeRules rules_;
  std::vector<double> log_ratios_;                  ///< Of the judged blocks.
  std::vector<std::vector<double>> guard_changes_;  ///< By guard, then by judged block.
  std::vector<double> last_;                        ///< Of all blocks, canaries too.
  std::size_t blocks_ = 0;
  LevelWatch watch_;
};

}  // namespace tableforge::tuner

template <>
struct tableforge::Words<tableforge::tuner::Verdict> {
  static constexpr std::array<std::string_view, 7> words{"keep",    "neutral", "harmful",  "guarded",
                                                         "invalid", "too_few", "abandoned"};
};
