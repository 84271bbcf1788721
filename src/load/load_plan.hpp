#pragma once

#include <string>
#include <vector>

#include "tableforge/load/load.hpp"

namespace tableforge::load {

/// A stretch of time at one rate.
struct LoadPhase {
  std::string name;
  double seconds = 0;
  double rate = 0;
};

/// What a run does, phase after phase: the steps of the ramp or the one rate, with the spike cut out of them.
std::vector<LoadPhase> phases_of(LoadOptions const &options);

/// The load in words, for the report.
std::string words_of(LoadOptions const &options);

/// "1,234" and "0.5".
std::string grouped(double value);

}  // namespace tableforge::load
