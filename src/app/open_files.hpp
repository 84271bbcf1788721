#pragma once

#include <cstdint>

namespace tableforge::app {

struct OpenFiles {
  std::uint64_t now = 0;   ///< What this process may have open.
  std::uint64_t hard = 0;  ///< What it may raise that to.
};

OpenFiles open_files();

/// Raises the soft limit to the hard one: every player is a descriptor, and the usual 1,024 are few. What cannot be
/// raised stays as it is.
OpenFiles raise_open_files();

}  // namespace tableforge::app
