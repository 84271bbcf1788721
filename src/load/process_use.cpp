#include "load/process_use.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

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

std::optional<std::chrono::nanoseconds> cpu_time_of(pid_t process) {
  clockid_t clock{};
  if (::clock_getcpuclockid(process, &clock) != 0) return std::nullopt;
  return cpu_time(clock);
}

struct Memory {
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;  ///< Of the resident: what others may map too.
};

Memory memory_of(std::string const &process) {
  std::ifstream file("/proc/" + process + "/statm");
  std::uint64_t size = 0;
  Memory memory;
  if (!(file >> size >> memory.resident >> memory.shared)) return {};
  auto const page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {.resident = memory.resident * page, .shared = memory.shared * page};
}

std::string line_of(std::filesystem::path const &file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::vector<ProcessPart> threads_of(pid_t process) {
  std::vector<ProcessPart> threads;
  std::error_code ended;
  auto const folder = std::filesystem::path("/proc") / std::to_string(process) / "task";
  for (std::filesystem::directory_iterator entry(folder, ended), end; !ended && entry != end; entry.increment(ended)) {
    std::istringstream line(line_of(entry->path() / "schedstat"));
    std::int64_t nanoseconds = 0;
    if (!(line >> nanoseconds)) continue;
    threads.push_back({.id = static_cast<pid_t>(std::stol(entry->path().filename().string())),
                       .name = line_of(entry->path() / "comm"),
                       .cpu = std::chrono::nanoseconds(nanoseconds)});
  }
  return threads;
}

/// The CPU of the children that have ended and been waited for; in ticks, which is all that is kept of them.
std::chrono::nanoseconds cpu_of_ended_children(pid_t process) {
  std::string const line = line_of("/proc/" + std::to_string(process) + "/stat");
  // The name, in parentheses, may itself hold spaces and parentheses.
  auto const name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 13; ++i) fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  if (!(fields >> user >> system)) return {};
  return std::chrono::nanoseconds((user + system) * (1'000'000'000 / ::sysconf(_SC_CLK_TCK)));
}

}  // namespace

std::optional<ProcessTotals> totals_of(pid_t process) {
  auto const cpu = cpu_time_of(process);
  if (!cpu) return std::nullopt;
  return ProcessTotals{
      .cpu = *cpu, .resident_bytes = memory_of(std::to_string(process)).resident, .parts = threads_of(process)};
}

std::optional<ProcessTotals> totals_of_family(pid_t parent) {
  auto const own = cpu_time_of(parent);
  if (!own) return std::nullopt;
  ProcessTotals totals{.cpu = *own + cpu_of_ended_children(parent)};
  std::uint64_t shared = 0;
  auto const add_memory = [&](pid_t process) {
    auto const memory = memory_of(std::to_string(process));
    totals.resident_bytes += memory.resident - memory.shared;
    shared = std::max(shared, memory.shared);
  };
  add_memory(parent);
  auto const task = "/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children";
  std::istringstream children(line_of(task));
  for (pid_t child = 0; children >> child;) {
    auto const cpu = cpu_time_of(child);
    if (!cpu) continue;
    totals.cpu += *cpu;
    totals.parts.push_back({.id = child, .name = line_of("/proc/" + std::to_string(child) + "/comm"), .cpu = *cpu});
    add_memory(child);
  }
  totals.resident_bytes += shared;
  return totals;
}

ProcessTotals own_totals() {
  return {.cpu = cpu_time(CLOCK_THREAD_CPUTIME_ID).value_or(std::chrono::nanoseconds(0)),
          .resident_bytes = memory_of("self").resident};
}

ProcessUse use_between(ProcessTotals const &before, ProcessTotals const &after, double seconds) {
  auto const cores = [&](std::chrono::nanoseconds cpu) {
    return seconds > 0 ? std::chrono::duration<double>(cpu).count() / seconds : 0;
  };
  ProcessUse use{.cores = cores(after.cpu - before.cpu), .resident_bytes = after.resident_bytes};
  for (ProcessPart const &part : after.parts) {
    auto const earlier = std::ranges::find(before.parts, part.id, &ProcessPart::id);
    if (earlier == before.parts.end()) continue;
    double const used = cores(part.cpu - earlier->cpu);
    if (used <= use.busiest_cores) continue;
    use.busiest_cores = used;
    use.busiest = part.name;
  }
  return use;
}

std::optional<ProcessUse> use_between(std::optional<ProcessTotals> const &before,
                                      std::optional<ProcessTotals> const &after, double seconds) {
  if (!before || !after) return std::nullopt;
  return use_between(*before, *after, seconds);
}

}  // namespace tableforge::load
