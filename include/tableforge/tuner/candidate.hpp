#pragma once

#include <chrono>
#include <string>
#include <tuple>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/tuner/cost.hpp"
#include "tableforge/tuner/estimate.hpp"
#include "tableforge/tuner/knob_memory.hpp"
#include "tableforge/tuner/trial_plan.hpp"

namespace tableforge::tuner {

/// One knob, or whatever a domain treats as one (an index: 0 absent, 1 there), from one value to another.
struct Change {
  std::string knob;
  double from = 0;
  double to = 0;

  static constexpr auto fields() {
    return std::tuple(field("knob", &Change::knob), field("from", &Change::from), field("to", &Change::to));
  }
  [[nodiscard]] Direction direction() const { return to < from ? Direction::down : Direction::up; }
  [[nodiscard]] Change undone() const { return {knob, to, from}; }
  friend bool operator==(Change const &, Change const &) = default;
};

/// What a domain would change, and what it expects of that: computed beside the running server, where nothing is
/// changed yet.
struct Candidate {
  /// Nearly always one. The first counts: its ladder, its freeze. Several change together, such as bytes that one class
  /// gives to another.
  std::vector<Change> changes;
  TrialKind kind = TrialKind::switchback;
  std::chrono::milliseconds settling{};  ///< How long the server remembers the value before.
  Estimate log_ratio;                    ///< Predicted, of the new objective to the old one; n is what it rests on.
  bool counted = false;                  ///< Predicted by counting on the real load; only such a one may leap.
  Cost now;                              ///< Of the same requests, both,
  Cost predicted;                        ///< so that their parts can be compared.
  /// What it would change may be the very reason why answers are late: it is not held back while they are.
  bool remedies_lateness = false;

  /// The share of the objective that is expected to go: 0.1 for a tenth.
  [[nodiscard]] double predicted_gain() const;
};

/// A knob that is left as it is, and why.
struct IdleKnob {
  std::string knob;
  std::string reason;
};

/// Candidates, the most promising first, and what a domain has no candidate for. Every knob of the domain is in one of
/// the two.
struct Ranking {
  std::vector<Candidate> candidates;
  std::vector<IdleKnob> idle;
};

}  // namespace tableforge::tuner
