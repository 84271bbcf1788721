#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>

// Of jemalloc, with which the server and tests that weigh memory are linked unless a sanitizer has its own.
extern "C" __attribute__((weak)) int mallctl(char const *name, void *old, std::size_t *old_size, void *value,
                                             std::size_t value_size) noexcept;

/// What the calling thread has taken of the heap and given back, by the allocator's word. What one thread takes and
/// another gives back counts for both.
namespace tableforge::test::thread_heap {

/// False: a sanitizer has an allocator of its own.
inline bool is_counted() { return mallctl != nullptr; }

inline std::int64_t counter(char const *name) {
  std::uint64_t value = 0;
  std::size_t size = sizeof value;
  if (mallctl(name, &value, &size, nullptr, 0) != 0) throw std::runtime_error(name);
  return static_cast<std::int64_t>(value);
}

/// Bytes taken so far.
inline std::int64_t allocated() { return counter("thread.allocated"); }

/// Bytes taken and not given back.
inline std::int64_t held() { return allocated() - counter("thread.deallocated"); }

}  // namespace tableforge::test::thread_heap
