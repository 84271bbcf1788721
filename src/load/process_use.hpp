#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <sys/types.h>

#include "tableforge/load/load_report.hpp"

namespace tableforge::load {

/// What a process has used so far.
struct ProcessTotals {
  std::chrono::nanoseconds cpu{0};
  std::uint64_t resident_bytes = 0;
};

/// Of another process of this machine. Nothing if there is no such process, or it may not be looked at.
std::optional<ProcessTotals> totals_of(pid_t process);
/// Of this thread, with the memory of the process.
ProcessTotals own_totals();

/// What lies between two of them.
ProcessUse use_between(ProcessTotals const &before, ProcessTotals const &after, double seconds);

}  // namespace tableforge::load
