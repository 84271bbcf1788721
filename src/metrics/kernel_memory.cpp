#include "tableforge/metrics/kernel_memory.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

#include <unistd.h>

namespace tableforge::metrics {

namespace {

namespace fs = std::filesystem;

/// v1 says "no limit" by a number close to 2^63.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;

std::optional<std::string> whole_file(fs::path const &path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <class T>
std::optional<T> number_of(std::string_view text) {
  T value{};
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

/// "max" is none.
std::optional<std::uint64_t> number_in(fs::path const &path) {
  auto const text = whole_file(path);
  if (!text) return std::nullopt;
  return number_of<std::uint64_t>(*text);
}

/// The number behind a word at the beginning of a line: "inactive_file 4096".
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view word) {
  for (std::size_t begin = 0; begin < text.size();) {
    auto const end = std::min(text.find('\n', begin), text.size());
    auto const line = text.substr(begin, end - begin);
    if (line.size() > word.size() && line.starts_with(word) && line[word.size()] == ' ') {
      return number_of<std::uint64_t>(line.substr(word.size() + 1));
    }
    begin = end + 1;
  }
  return std::nullopt;
}

/// "some avg10=0.12 avg60=…", in hundredths.
std::optional<double> stalled_in(fs::path const &path) {
  auto const text = whole_file(path);
  if (!text) return std::nullopt;
  constexpr std::string_view kBegin = "some avg10=";
  auto const at = text->find(kBegin);
  if (at == std::string::npos) return std::nullopt;
  auto const percent = number_of<double>(std::string_view(*text).substr(at + kBegin.size()));
  if (!percent) return std::nullopt;
  return *percent / 100;
}

/// proc(5), fields of a stat file from the third on: the second, the name, may hold spaces and parentheses.
void read_process(fs::path const &root, KernelMemory &memory) {
  auto const text = whole_file(root / "proc/self/stat");
  if (!text) return;
  auto const name_end = text->rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream rest(text->substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field <= 24 && rest; ++field) {
    std::uint64_t pages = 0;
    switch (field) {
      case 10: rest >> memory.minor_faults; break;
      case 12: rest >> memory.major_faults; break;
      case 24:
        rest >> pages;
        memory.resident = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        break;
      default: rest >> skipped; break;
    }
  }
}

/// One way of telling: where the hierarchy is mounted, and how its files are called.
struct Hierarchy {
  fs::path mount;
  std::string group;
  std::string_view usage;
  std::string_view limit;
  std::string_view inactive;
};

std::optional<Hierarchy> hierarchy_of(fs::path const &root) {
  auto const text = whole_file(root / "proc/self/cgroup");
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  std::string unified;
  bool has_unified = false;
  for (std::string line; std::getline(lines, line);) {
    auto const first = line.find(':');
    auto const second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    auto const controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers.find(",memory,") != std::string::npos) {
      return Hierarchy{root / "sys/fs/cgroup/memory", line.substr(second + 1), "memory.usage_in_bytes",
                       "memory.limit_in_bytes", "total_inactive_file"};
    }
    if (controllers == ",,") {
      unified = line.substr(second + 1);
      has_unified = true;
    }
  }
  if (!has_unified) return std::nullopt;
  return Hierarchy{root / "sys/fs/cgroup", unified, "memory.current", "memory.max", "inactive_file"};
}

void read_group(fs::path const &root, KernelMemory &memory) {
  auto const hierarchy = hierarchy_of(root);
  if (!hierarchy) return;
  auto group = hierarchy->mount / fs::path(hierarchy->group).relative_path();
  if (!fs::exists(group / hierarchy->usage)) group = hierarchy->mount;
  if (auto const usage = number_in(group / hierarchy->usage)) {
    auto const stat = whole_file(group / "memory.stat");
    auto const droppable = stat ? number_after(*stat, hierarchy->inactive).value_or(0) : 0;
    memory.group_usage = *usage - std::min(*usage, droppable);
  }
  memory.stalled = stalled_in(group / "memory.pressure");
  for (auto place = group;; place = place.parent_path()) {
    auto const limit = number_in(place / hierarchy->limit);
    if (limit && *limit < kNoLimit) memory.group_limit = std::min(*limit, memory.group_limit.value_or(*limit));
    if (place == hierarchy->mount || !place.has_relative_path()) break;
  }
}

}  // namespace

KernelMemory kernel_memory(std::filesystem::path const &root) {
  KernelMemory memory;
  read_process(root, memory);
  read_group(root, memory);
  if (!memory.stalled) memory.stalled = stalled_in(root / "proc/pressure/memory");
  return memory;
}

}  // namespace tableforge::metrics
