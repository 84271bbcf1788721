#pragma once

#include <functional>

#include <CLI/App.hpp>

namespace tableforge::app {

/// Gives `app` the options of `tableforge load`; the function puts a server under load, prints what came of it and
/// returns the exit code. `app` outlives it.
std::function<int()> load_command(CLI::App &app);

}  // namespace tableforge::app
