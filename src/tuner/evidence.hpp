#pragma once

#include <string>

#include "tableforge/tuner/candidate.hpp"
#include "tableforge/tuner/cost.hpp"
#include "tableforge/tuner/judge.hpp"

namespace tableforge::tuner {

class Trial;

/// The JSON that goes into the record: what was predicted, by which weights.
[[nodiscard]] std::string evidence_of(Candidate const &candidate, Weights const &weights);
/// The same, and what was found.
[[nodiscard]] std::string evidence_of(Trial const &trial, Judgement const &judgement, Weights const &weights);

}  // namespace tableforge::tuner
