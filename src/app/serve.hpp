#pragma once

#include "tableforge/config/settings.hpp"

namespace tableforge::app {

/// Serves until a signal, and returns the exit code: 0 after an orderly end, 1 if it could not begin. Settings are
/// valid.
///
/// Threads: the main one, before there are others.
int serve(config::Settings const &settings);

}  // namespace tableforge::app
