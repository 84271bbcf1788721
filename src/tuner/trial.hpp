#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "tableforge/tuner/candidate.hpp"
#include "tableforge/tuner/judge.hpp"
#include "tableforge/tuner/ports/record.hpp"
#include "tableforge/tuner/trial_plan.hpp"

namespace tableforge::tuner {

/// The bookkeeping of one trial: which segment it is in, what was read in those before, and what that means.
///
/// Threads: one.
/// Bounds:  the readings of its blocks that are not complete.
class Trial {
 public:
  struct Spec {
    Candidate candidate;
    Action intent;
    std::vector<Segment> plan;
    std::span<Guard const> guards;
    Weights weights;
    JudgeRules rules;
    double requests_min;
  };

  explicit Trial(Spec spec);

  [[nodiscard]] Segment const &segment() const { return spec_.plan[at_]; }
  /// The end of a segment. An answer is that of the trial.
  std::optional<Judgement> add(Reading reading);

  [[nodiscard]] Candidate const &candidate() const { return spec_.candidate; }
  [[nodiscard]] Action const &intent() const { return spec_.intent; }
  /// What both sides cost, all segments together.
  [[nodiscard]] Cost const &control() const { return control_; }
  [[nodiscard]] Cost const &treated() const { return treated_; }

 private:
  [[nodiscard]] std::size_t segments_of(std::size_t block) const;

  Spec spec_;
  Judge judge_;
  std::size_t at_ = 0;
  std::map<std::size_t, std::vector<Reading>> readings_;
  Cost control_;
  Cost treated_;
};

}  // namespace tableforge::tuner
