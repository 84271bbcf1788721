#include "tableforge/tuner/candidate.hpp"

#include <cmath>

namespace tableforge::tuner {

double Candidate::predicted_gain() const { return -std::expm1(log_ratio.mean); }

}  // namespace tableforge::tuner
