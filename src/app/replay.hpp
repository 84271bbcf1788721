#pragma once

#include <functional>

#include <CLI/App.hpp>

namespace tableforge::app {

/// Gives `app` the options of `tableforge replay`; the function plays, prints what came of it and returns the exit
/// code. `app` outlives it.
std::function<int()> replay_command(CLI::App &app);

}  // namespace tableforge::app
