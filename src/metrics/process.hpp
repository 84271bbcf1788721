#pragma once

#include <cstdint>

namespace tableforge::metrics {

/// What the kernel says about this process.
struct ProcessNumbers {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  double start_time_seconds = 0;  ///< Since the epoch.
  std::uint64_t threads = 0;
};

/// What /proc does not tell stays 0.
ProcessNumbers process_numbers();

}  // namespace tableforge::metrics
