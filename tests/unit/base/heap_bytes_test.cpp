#include "tableforge/base/heap_bytes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

// Of jemalloc, with which this binary is linked unless a sanitizer has its own.
extern "C" __attribute__((weak)) std::size_t nallocx(std::size_t size, int flags) noexcept;

namespace tableforge {
namespace {

TEST(HeapBytes, AreWhatTheAllocatorOfTheServerTakes) {
  if (nallocx == nullptr) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  for (std::size_t asked = 1; asked <= 1'000'000; asked += 1 + asked / 200) {
    ASSERT_EQ(heap_bytes(asked), nallocx(asked, 0)) << asked;
  }
}

TEST(HeapBytes, AreCountedThroughWhatAValueOwns) {
  EXPECT_EQ(held_heap_bytes(7), 0U);
  EXPECT_EQ(held_heap_bytes(std::string("short")), 0U);
  EXPECT_EQ(held_heap_bytes(std::string(100, 'x')), 112U);
  EXPECT_EQ(held_heap_bytes(std::vector<int>{}), 0U);
  EXPECT_EQ(held_heap_bytes(std::vector<std::string>{std::string(100, 'x'), "short"}), heap_bytes(2 * 32) + 112U);
  EXPECT_EQ(held_heap_bytes(std::optional<std::string>{}), 0U);
  EXPECT_EQ(held_heap_bytes(std::optional(SeatId(std::string(100, 'x')))), 112U);
}

}  // namespace
}  // namespace tableforge
