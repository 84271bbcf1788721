#include "tableforge/metrics/allocator.hpp"

#include <string>

#include <sys/types.h>

// Weak: under a sanitizer, and in tests that do not link jemalloc, there is none.
extern "C" [[gnu::weak]] int mallctl(char const *name, void *old_value, std::size_t *old_size, void *new_value,
                                     std::size_t new_size);

namespace tableforge::metrics {

namespace {

// The header's macro for "all arenas"; the header is not there in all builds.
constexpr char const *kPurgedOfAll = "stats.arenas.4096.dirty_purged";
constexpr std::uint64_t kAllocatorPageBytes = 4096;

template <class T>
std::optional<T> read(char const *name) {
  T value{};
  std::size_t size = sizeof value;
  if (mallctl == nullptr || mallctl(name, &value, &size, nullptr, 0) != 0) return std::nullopt;
  return value;
}

template <class T>
bool write(char const *name, T value) {
  return mallctl != nullptr && mallctl(name, nullptr, nullptr, &value, sizeof value) == 0;
}

}  // namespace

std::optional<AllocatorNumbers> allocator_numbers() {
  // All that follows is as of the latest epoch.
  if (!write<std::uint64_t>("epoch", 1)) return std::nullopt;
  auto const allocated = read<std::size_t>("stats.allocated");
  auto const active = read<std::size_t>("stats.active");
  auto const resident = read<std::size_t>("stats.resident");
  if (!allocated || !active || !resident) return std::nullopt;
  return AllocatorNumbers{.allocated = *allocated,
                          .active = *active,
                          .resident = *resident,
                          .purged = read<std::uint64_t>(kPurgedOfAll).value_or(0) * kAllocatorPageBytes};
}

std::size_t allocator_arenas() { return read<unsigned>("arenas.narenas").value_or(0); }

bool purge_arena(std::size_t arena) {
  if (mallctl == nullptr) return false;
  auto const name = "arena." + std::to_string(arena) + ".purge";
  return mallctl(name.c_str(), nullptr, nullptr, nullptr, 0) == 0;
}

bool set_dirty_decay(std::int64_t ms) {
  if (!write<ssize_t>("arenas.dirty_decay_ms", ms)) return false;
  for (std::size_t arena = 0; arena < allocator_arenas(); ++arena) {
    // One that nobody has used yet is not there, and takes the default when it is.
    static_cast<void>(write<ssize_t>(("arena." + std::to_string(arena) + ".dirty_decay_ms").c_str(), ms));
  }
  return true;
}

}  // namespace tableforge::metrics
