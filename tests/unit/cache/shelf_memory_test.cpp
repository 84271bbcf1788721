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

// What bytes() leaves out where nothing is invalidated: the policy's 45 KiB in a block of 48, and half of the marks.
constexpr double kLeftOut = 112 << 10;

/// A text and the block that owns it, counted as a class of values would.
Entry text_of(std::size_t size, Version version) {
  Entry entry;
  entry.value = std::make_shared<std::string const>(size, 'x');
  entry.bytes = heap_bytes(16 + sizeof(std::string)) + heap_bytes(size + 1);
  entry.version = version;
  return entry;
}

struct Values {
  std::size_t least;
  std::size_t most;
  std::size_t bytes_max;
};

constexpr std::size_t kSmall = 4 << 20;
constexpr std::size_t kLarge = 16 << 20;

class ShelfMemory : public testing::TestWithParam<Values> {};

TEST_P(ShelfMemory, IsWhatItSaysWithinFivePercent) {
  if (!thread_heap::is_counted()) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  auto const [least, most, bytes_max] = GetParam();
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(std::log(least), std::log(most));
  std::string key = "history_page:00000000-0000-7000-8000-000000000000";

  auto const before = thread_heap::held();
  auto const owner = std::make_unique<Shelf>(bytes_max, 1);
  auto &shelf = *owner;
  std::size_t asked = 0;
  auto const check = [&](char const *when, double tolerance) {
    auto const real = static_cast<double>(thread_heap::held() - before);
    EXPECT_NEAR((real - kLeftOut) / static_cast<double>(shelf.bytes()), 1, tolerance)
        << when << ", " << shelf.size() << " entries";
  };
  // Three times as much as there is room for, each asked for twice, so that not only the first ones stay.
  for (std::size_t offered = 0; offered < 3 * bytes_max;) {
    auto const digits = std::to_string(++asked);
    key.replace(key.size() - digits.size(), digits.size(), digits);
    auto entry = text_of(static_cast<std::size_t>(std::exp(exponent(random))), asked);
    offered += entry.bytes + 150;
    for (int i = 0; i < 2; ++i) static_cast<void>(shelf.find(key));
    shelf.put(key, std::move(entry));
  }
  EXPECT_GT(shelf.bytes(), bytes_max * 9 / 10);
  check("full", 0.03);
  shelf.set_bytes_max(bytes_max / 2);
  while (!shelf.settle()) {
  }
  // The past of absent keys is still for as many entries as there were.
  check("at half of it", 0.05);
}

std::string name_of(Values const &values) {
  return std::to_string(values.least) + "_to_" + std::to_string(values.most) + "_in_" +
         std::to_string(values.bytes_max >> 20) + "_MiB";
}

INSTANTIATE_TEST_SUITE_P(Values, ShelfMemory,
                         testing::Values(Values{100, 101, kSmall}, Values{1000, 1001, kSmall},
                                         Values{10'000, 10'001, kSmall}, Values{100, 101, kLarge},
                                         Values{1000, 1001, kLarge}, Values{10'000, 10'001, kLarge},
                                         Values{100'000, 100'001, kLarge}, Values{100, 100'000, kLarge}),
                         [](auto const &info) { return name_of(info.param); });

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
