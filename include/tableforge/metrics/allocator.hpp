#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tableforge::metrics {

/// What the allocator says of itself, in bytes.
struct AllocatorNumbers {
  std::uint64_t allocated = 0;  ///< What the program holds.
  std::uint64_t active = 0;     ///< The pages that are in.
  std::uint64_t resident = 0;   ///< With what was freed and not given back yet, and its own notes.
  std::uint64_t purged = 0;     ///< Given back to the kernel since the process began.

  /// Resident, and held for nobody: what giving back could gain, and what is lost to pages that are partly full.
  [[nodiscard]] std::uint64_t slack() const { return resident > allocated ? resident - allocated : 0; }
};

/// nullopt where the allocator is none that can tell (under a sanitizer). Takes some tens of microseconds, and a short
/// lock of each arena.
[[nodiscard]] std::optional<AllocatorNumbers> allocator_numbers();

/// How many arenas there are; 0 where the allocator is none that can tell.
[[nodiscard]] std::size_t allocator_arenas();
/// Gives the freed pages of one arena back at once. False if there is no such arena, or nobody to ask.
bool purge_arena(std::size_t arena);
/// How long freed pages are kept for who asks next, in all arenas, those that come included. False if nobody can be
/// asked.
bool set_dirty_decay(std::int64_t ms);

}  // namespace tableforge::metrics
