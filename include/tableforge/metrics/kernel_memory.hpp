#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace tableforge::metrics {

/// What the kernel says about the memory of this process, and of the group that it must share it with.
struct KernelMemory {
  std::uint64_t resident = 0;  ///< Bytes.
  std::uint64_t minor_faults = 0;
  std::uint64_t major_faults = 0;
  /// Of the control group, in bytes, without the files that the kernel would drop first.
  std::optional<std::uint64_t> group_usage{};
  std::optional<std::uint64_t> group_limit{};  ///< The lowest of its own and those above it.
  /// The share of the last ten seconds in which somebody in the group waited for memory, 0 to 1.
  std::optional<double> stalled{};

  /// How full the group is, 0 to 1; nullopt without a limit.
  [[nodiscard]] std::optional<double> fullness() const {
    if (!group_usage || !group_limit || *group_limit == 0) return std::nullopt;
    return static_cast<double>(*group_usage) / static_cast<double>(*group_limit);
  }
};

/// Reads cgroup v2, or v1 where the memory controller is there; PSI of the group, or else of the machine. `root` is
/// "/", or a tree that was taken down elsewhere: it has `proc/self` and `sys/fs/cgroup`. What is not told is left out.
///
/// A process in a namespace of its own is told a path that is not below its mount; then the mount's top is its group.
///
/// Threads: any. Reads about ten small files, so call it from no loop that serves.
[[nodiscard]] KernelMemory kernel_memory(std::filesystem::path const &root = "/");

}  // namespace tableforge::metrics
