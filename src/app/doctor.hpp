#pragma once

#include <string>
#include <vector>

#include "tableforge/config/settings.hpp"

namespace tableforge::app {

/// Looks at everything that `serve` needs and prints a verdict for each, with what to do about it. Changes nothing.
/// `errors` is what is wrong with the settings themselves. Returns the exit code: 1 if anything is broken.
int doctor(config::Settings const &settings, std::vector<std::string> const &errors);

}  // namespace tableforge::app
