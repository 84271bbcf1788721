#pragma once

#include "tableforge/knobs/exposure.hpp"

namespace tableforge::tuner {

// Where it is read, on the path of every look-up, nothing of the tuner may be included.
using tableforge::Exposure;
using Side = TrialSide;

}  // namespace tableforge::tuner
