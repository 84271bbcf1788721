#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "tableforge/tuner/judge.hpp"
#include "tableforge/tuner/trial_plan.hpp"

namespace tableforge::test {

/// What became of many trials of one kind, each by the real loop on a virtual server.
struct Trials {
  std::map<tuner::Verdict, std::size_t> verdicts;

  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::size_t kept() const;
};

/// A knob that does nothing, whose domain promises a fifth less: each comparison is of equals.
Trials try_placebo(tuner::TrialKind kind, std::size_t trials, std::uint64_t seed);
/// The same on cohorts that stay on their sides.
Trials try_placebo_unswapped(std::size_t trials, std::uint64_t seed);
/// A domain that promises a fifth less and knows a way to harm: shorter by a third, away from the best.
Trials try_sabotage(std::size_t trials, std::uint64_t seed);
/// A step towards the best, from where it is worth a tenth.
Trials try_help(std::size_t trials, std::uint64_t seed);

}  // namespace tableforge::test
