#include "tableforge/cache/heap_bytes.hpp"

#include <cstddef>

#include <gtest/gtest.h>

// Of jemalloc, with which this binary is linked unless a sanitizer has its own.
extern "C" __attribute__((weak)) std::size_t nallocx(std::size_t size, int flags) noexcept;

namespace tableforge::cache {
namespace {

TEST(HeapBytes, AreWhatTheAllocatorOfTheServerTakes) {
  if (nallocx == nullptr) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  for (std::size_t asked = 1; asked <= 1'000'000; asked += 1 + asked / 200) {
    ASSERT_EQ(heap_bytes(asked), nallocx(asked, 0)) << asked;
  }
}

}  // namespace
}  // namespace tableforge::cache
