#pragma once

#include <functional>

#include <CLI/App.hpp>

namespace tableforge::app {

/// `tableforge tuner`: asks the tuner of a running server, through its admin listener. Declares flags and subcommands
/// of `app`; what is returned carries out what was parsed, and returns the exit code.
std::function<int()> tuner_command(CLI::App &app);

}  // namespace tableforge::app
