#pragma once

#include <vector>

#include "performance/tuner/load.hpp"

namespace tableforge::test {

/// The load scenarios of the virtual layer. A default of 0 is whatever is best for the whole run: what an operator who
/// had measured for days would have set.
std::vector<Scenario> scenarios();

}  // namespace tableforge::test
