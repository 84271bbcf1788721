#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>

namespace tableforge::cache {

/// What a block of so many bytes takes of the heap: jemalloc, with which the server runs, rounds up to one of four
/// sizes between two powers of two, and to 16 bytes below. Classes of values count their blocks with it.
constexpr std::size_t heap_bytes(std::size_t asked) {
  if (asked <= 8) return 8;
  std::size_t const spacing = std::max(std::bit_ceil(asked) / 8, std::size_t{16});
  return (asked + spacing - 1) / spacing * spacing;
}

}  // namespace tableforge::cache
