#include "metrics/process.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

namespace tableforge::metrics {

namespace {

double boot_time_seconds() {
  timespec wall{};
  timespec since_boot{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return static_cast<double>(wall.tv_sec - since_boot.tv_sec) +
         static_cast<double>(wall.tv_nsec - since_boot.tv_nsec) * 1e-9;
}

/// proc(5), fields of /proc/self/stat from the third on: the second, the name, may hold spaces and parentheses.
void read_stat(ProcessNumbers &numbers) {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto const name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream rest(text.substr(name_end + 1));
  std::string skipped;
  double user_ticks = 0;
  double system_ticks = 0;
  double start_ticks = 0;
  std::uint64_t pages = 0;
  for (int field = 3; field <= 24 && rest; ++field) {
    switch (field) {
      case 14: rest >> user_ticks; break;
      case 15: rest >> system_ticks; break;
      case 20: rest >> numbers.threads; break;
      case 22: rest >> start_ticks; break;
      case 23: rest >> numbers.virtual_bytes; break;
      case 24: rest >> pages; break;
      default: rest >> skipped; break;
    }
  }
  auto const ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  numbers.cpu_seconds = (user_ticks + system_ticks) / ticks_per_second;
  numbers.start_time_seconds = boot_time_seconds() + start_ticks / ticks_per_second;
  numbers.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessNumbers process_numbers() {
  ProcessNumbers numbers;
  read_stat(numbers);
  std::error_code code;
  std::filesystem::directory_iterator fds("/proc/self/fd", code);
  for (; !code && fds != std::filesystem::directory_iterator(); fds.increment(code)) ++numbers.open_fds;
  // The listing itself held one open.
  if (numbers.open_fds > 0) --numbers.open_fds;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) numbers.max_fds = limit.rlim_cur;
  return numbers;
}

}  // namespace tableforge::metrics
