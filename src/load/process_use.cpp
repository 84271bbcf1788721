#include "load/process_use.hpp"

#include <fstream>
#include <string>

#include <time.h>
#include <unistd.h>

namespace tableforge::load {

namespace {

/// A clock of CPU time is exact where /proc/…/stat counts ticks of ten milliseconds.
std::optional<std::chrono::nanoseconds> cpu_time(clockid_t clock) {
  timespec spent{};
  if (::clock_gettime(clock, &spent) != 0) return std::nullopt;
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

std::uint64_t resident_bytes(std::string const &process) {
  std::ifstream file("/proc/" + process + "/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (!(file >> size >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

std::optional<ProcessTotals> totals_of(pid_t process) {
  clockid_t clock{};
  if (::clock_getcpuclockid(process, &clock) != 0) return std::nullopt;
  auto const cpu = cpu_time(clock);
  if (!cpu) return std::nullopt;
  return ProcessTotals{.cpu = *cpu, .resident_bytes = resident_bytes(std::to_string(process))};
}

ProcessTotals own_totals() {
  return {.cpu = cpu_time(CLOCK_THREAD_CPUTIME_ID).value_or(std::chrono::nanoseconds(0)),
          .resident_bytes = resident_bytes("self")};
}

ProcessUse use_between(ProcessTotals const &before, ProcessTotals const &after, double seconds) {
  auto const spent = std::chrono::duration<double>(after.cpu - before.cpu).count();
  return {.cores = seconds > 0 ? spent / seconds : 0, .resident_bytes = after.resident_bytes};
}

}  // namespace tableforge::load
