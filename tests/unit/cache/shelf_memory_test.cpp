#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tableforge/base/heap_bytes.hpp"
#include "tableforge/cache/shelf.hpp"

#include "support/thread_heap.hpp"

namespace tableforge::cache {
namespace {

namespace thread_heap = tableforge::test::thread_heap;

/// A text and the block that owns it, counted as a class of values would.
Entry text_of(std::size_t size, Version version) {
  Entry entry;
  entry.value = std::make_shared<std::string const>(size, 'x');
  entry.bytes = heap_bytes(16 + sizeof(std::string)) + heap_bytes(size + 1);
  entry.version = version;
  return entry;
}

using Sizes = std::pair<std::size_t, std::size_t>;

class ShelfMemory : public testing::TestWithParam<Sizes> {};

TEST_P(ShelfMemory, IsWhatItSaysWithinFivePercent) {
  if (!thread_heap::is_counted()) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  auto const [least, most] = GetParam();
  constexpr std::size_t kBytesMax = 16 << 20;  // The 428 KiB that bytes() leaves out are 3 % of it.
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(std::log(least), std::log(most));
  std::string key = "history_page:00000000-0000-7000-8000-000000000000";

  auto const before = thread_heap::held();
  Shelf shelf(kBytesMax, 1);
  std::size_t asked = 0;
  auto const check = [&](char const *when) {
    auto const real = static_cast<double>(thread_heap::held() - before);
    EXPECT_NEAR(real / static_cast<double>(shelf.bytes()), 1, 0.05) << when << ", " << shelf.size() << " entries";
  };
  // Three times as much as there is room for, each asked for twice, so that not only the first ones stay.
  for (std::size_t offered = 0; offered < 3 * kBytesMax;) {
    auto const digits = std::to_string(++asked);
    key.replace(key.size() - digits.size(), digits.size(), digits);
    auto entry = text_of(static_cast<std::size_t>(std::exp(exponent(random))), asked);
    offered += entry.bytes + 150;
    for (int i = 0; i < 2; ++i) static_cast<void>(shelf.find(key));
    shelf.put(key, std::move(entry));
  }
  EXPECT_GT(shelf.bytes(), kBytesMax * 9 / 10);
  check("full");
  shelf.set_bytes_max(kBytesMax / 2);
  while (!shelf.settle()) {
  }
  check("at half of it");
}

INSTANTIATE_TEST_SUITE_P(Values, ShelfMemory,
                         testing::Values(Sizes{100, 101}, Sizes{1000, 1001}, Sizes{10'000, 10'001},
                                         Sizes{100'000, 100'001}, Sizes{100, 100'000}),
                         [](auto const &info) {
                           return std::to_string(info.param.first) + "_to_" + std::to_string(info.param.second);
                         });

TEST(ShelfHits, TakeNoMemory) {
  if (!thread_heap::is_counted()) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  Shelf shelf(1 << 20, 1);
  for (int i = 0; i < 1000; ++i) shelf.put("key:" + std::to_string(i), text_of(50, 1));
  std::string const key = "key:7";
  auto const before = thread_heap::allocated();
  for (int i = 0; i < 10'000; ++i) ASSERT_NE(shelf.find(key), nullptr);
  EXPECT_EQ(thread_heap::allocated(), before);
}

}  // namespace
}  // namespace tableforge::cache
