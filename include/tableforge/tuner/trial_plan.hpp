#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tableforge/tuner/exposure.hpp"

namespace tableforge::tuner {

enum class TrialKind : std::uint8_t {
  cohort,        ///< Both values at once, on different keys, tables or connections.
  switchback,    ///< One after the other, for what the process has only one of.
  before_after,  ///< For what cannot be taken back in a minute, such as an index: beside what it cannot touch.
};

/// A stretch of a trial with one exposure.
struct Segment {
  Exposure exposure;
  std::chrono::milliseconds settle;   ///< Not measured: what the segment before has left wears off.
  std::chrono::milliseconds measure;  ///< Behind that.
  std::size_t block;                  ///< The paired block it belongs to.
  bool canary;                        ///< Of a block that can end the trial for harm and counts for nothing else.
  bool lead = false;  ///< Before anybody has the new value: what is measured is by what the cohorts differ anyway.

  friend bool operator==(Segment const &, Segment const &) = default;
};

struct PlanRules {
  std::size_t blocks = 12;
  std::size_t canary_blocks = 2;
  std::chrono::milliseconds block_min = std::chrono::minutes(1);
  int settlings_min = 5;  ///< How many settling times a block must last.
  double canary_share = 1.0 / 16;
  double share = 1.0 / 2;
  /// Of cohorts that stay on their sides; 0 for as many as else.
  std::size_t led_blocks = 0;
  std::size_t led_blocks_brief = 8;  ///< Where much is expected.
  bool canary_only = false;          ///< Judged at the canary's share; no more than that ever has the new value.
};

/// What a trial does, in order. `seed` decides the order within each pair, and who is in the cohorts.
///
/// A block lasts one minute or five settling times, whichever is longer.
///  - cohort: two blocks on 1/16 look for harm; then twelve on 1/2 are judged. In each block the cohorts change sides
///    half way, in random order. Where settling takes long, because of which that would take hours, they stay: each
///    block of a minute is paired with one of before, in which both cohorts had the old value.
///  - switchback: twelve pairs of a block with the old value and one with the new, in random order.
///  - before_after: twelve blocks with the old value, then twelve with the new; the first is paired with the first.
[[nodiscard]] std::vector<Segment> plan_trial(TrialKind kind, std::chrono::milliseconds settling,
                                              PlanRules const &rules, std::uint64_t seed);

[[nodiscard]] std::chrono::milliseconds duration_of(std::vector<Segment> const &plan);

}  // namespace tableforge::tuner
