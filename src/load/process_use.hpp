#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tableforge/load/load_report.hpp"

namespace tableforge::load {

/// A thread of a process, or a process of a family.
struct ProcessPart {
  pid_t id = 0;
  std::string name;
  std::chrono::nanoseconds cpu{0};
};

/// What a process has used so far.
struct ProcessTotals {
  std::chrono::nanoseconds cpu{0};
  std::uint64_t resident_bytes = 0;
  std::vector<ProcessPart> parts{};
};

/// Of another process of this machine, and of its threads. Nothing if there is no such process, or it may not be looked
/// at.
std::optional<ProcessTotals> totals_of(pid_t process);
/// Of a process and its children, those included that have ended; memory they share counts once.
std::optional<ProcessTotals> totals_of_family(pid_t parent);
/// Of this thread, with the memory of the process.
ProcessTotals own_totals();

/// What lies between two of them. A part that came in between is not the busiest.
ProcessUse use_between(ProcessTotals const &before, ProcessTotals const &after, double seconds);
/// Nothing unless both are known.
std::optional<ProcessUse> use_between(std::optional<ProcessTotals> const &before,
                                      std::optional<ProcessTotals> const &after, double seconds);

}  // namespace tableforge::load
