#pragma once

#include <cstdint>

#include "tableforge/config/settings.hpp"

#include "app/signals.hpp"

namespace tableforge::app {

enum class Boot : std::uint8_t {
  go_on,
  refused,  ///< The log says why, and what to do.
  stopped,  ///< By a signal.
};

/// Waits until PostgreSQL answers, and judges whether it can be served from: a schema of this version or of a later one
/// that allows it, and full durability. Blocks, at most a minute.
Boot await_database(config::Settings const &settings, StopSignals &signals);

}  // namespace tableforge::app
