#include "tableforge/cache/shelf.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tableforge::cache {
namespace {

using Put = Shelf::Put;

Entry entry(std::string value, Version version = 1) {
  auto const bytes = value.size();
  Entry made;
  made.value = std::make_shared<std::string const>(std::move(value));
  made.version = version;
  made.bytes = bytes;
  return made;
}

std::string_view text(Entry const *found) {
  return found == nullptr ? "nothing" : std::string_view(*static_cast<std::string const *>(found->value.get()));
}

std::string key_of(std::size_t i) { return "key:" + std::to_string(i); }

/// As many small entries as asked for, in a shelf that holds them all.
void fill(Shelf &shelf, std::size_t entries) {
  for (std::size_t i = 0; i < entries; ++i) {
    ASSERT_EQ(shelf.put(key_of(i), entry("value")), Put::stored);
  }
}

TEST(Shelf, FindsWhatWasPut) {
  Shelf shelf(10'000, 1);
  EXPECT_EQ(shelf.find("a"), nullptr);
  EXPECT_EQ(shelf.put("a", entry("one")), Put::stored);
  EXPECT_EQ(shelf.put("b", entry("two")), Put::stored);
  EXPECT_EQ(text(shelf.find("a")), "one");
  EXPECT_EQ(text(shelf.find("b")), "two");
  EXPECT_EQ(shelf.size(), 2);
}

TEST(Shelf, TellsWhenAndHowDearlyItWasFilled) {
  Shelf shelf(10'000, 1);
  auto made = entry("x");
  made.filled_at = Clock::time_point(std::chrono::seconds(7));
  made.load_cost = std::chrono::milliseconds(3);
  shelf.put("a", made);
  EXPECT_EQ(shelf.find("a")->filled_at, made.filled_at);
  EXPECT_EQ(shelf.find("a")->load_cost, made.load_cost);
}

TEST(Shelf, KeepsThatThereIsNothing) {
  Shelf shelf(10'000, 1);
  EXPECT_EQ(shelf.put("a", Entry{}), Put::stored);
  ASSERT_NE(shelf.find("a"), nullptr);
  EXPECT_EQ(shelf.find("a")->value, nullptr);
}

TEST(Shelf, ReplacesByTheSameOrANewerVersionOnly) {
  Shelf shelf(10'000, 1);
  shelf.put("a", entry("two", 2));
  EXPECT_EQ(shelf.put("a", entry("one", 1)), Put::older);
  EXPECT_EQ(text(shelf.find("a")), "two");
  EXPECT_EQ(shelf.put("a", entry("two again", 2)), Put::stored);
  EXPECT_EQ(text(shelf.find("a")), "two again");
  EXPECT_EQ(shelf.put("a", entry("three", 3)), Put::stored);
  EXPECT_EQ(text(shelf.find("a")), "three");
  EXPECT_EQ(shelf.size(), 1);
}

TEST(Shelf, InvalidationDropsWhatIsOlder) {
  Shelf shelf(10'000, 1);
  shelf.put("a", entry("one", 1));
  EXPECT_TRUE(shelf.invalidate("a", 2));
  EXPECT_EQ(shelf.find("a"), nullptr);
  EXPECT_EQ(shelf.put("a", entry("one", 1)), Put::older);
  EXPECT_EQ(shelf.put("a", entry("two", 2)), Put::stored);
  EXPECT_FALSE(shelf.invalidate("a", 2));
  EXPECT_EQ(text(shelf.find("a")), "two");
}

TEST(Shelf, InvalidationOfWhatIsNotHereIsRemembered) {
  Shelf shelf(10'000, 1);
  EXPECT_FALSE(shelf.invalidate("a", 5));
  EXPECT_EQ(shelf.put("a", entry("four", 4)), Put::older);
}

TEST(Shelf, InvalidationOutlivesManyEvictions) {
  Shelf shelf(10'000, 1);
  shelf.invalidate("a", 5);
  for (std::size_t i = 0; i < 3 * Marks::kMarksMax; ++i) shelf.put(key_of(i), entry("x"));
  ASSERT_GT(shelf.evictions(), 2 * Marks::kMarksMax);
  EXPECT_EQ(shelf.put("a", entry("four", 4)), Put::older);
}

TEST(Shelf, ClearKeepsWhatWasInvalidated) {
  Shelf shelf(10'000, 1);
  shelf.put("a", entry("five", 5));
  shelf.invalidate("a", 5);
  shelf.clear();
  EXPECT_EQ(shelf.find("a"), nullptr);
  EXPECT_EQ(shelf.size(), 0);
  EXPECT_EQ(shelf.bytes(), 0);
  EXPECT_EQ(shelf.put("a", entry("four", 4)), Put::older);
}

TEST(Shelf, EraseLetsTheSameVersionComeBack) {
  Shelf shelf(10'000, 1);
  shelf.put("a", entry("two", 2));
  shelf.erase("a");
  EXPECT_EQ(shelf.find("a"), nullptr);
  EXPECT_EQ(shelf.bytes(), 0);
  EXPECT_EQ(shelf.put("a", entry("one", 1)), Put::older);
  EXPECT_EQ(shelf.put("a", entry("two", 2)), Put::stored);
}

TEST(Shelf, WhatWasEvictedIsNotReplacedByAnOlderOne) {
  Shelf shelf(10'000, 1);
  shelf.put("a", entry("two", 2));
  shelf.set_bytes_max(0);
  ASSERT_EQ(shelf.find("a"), nullptr);
  shelf.set_bytes_max(10'000);
  EXPECT_EQ(shelf.put("a", entry("one", 1)), Put::older);
}

TEST(Shelf, RefusesWhatIsLargerThanItself) {
  Shelf shelf(10'000, 1);
  fill(shelf, 10);
  EXPECT_EQ(shelf.put("a", entry(std::string(10'000, 'x'))), Put::not_admitted);
  EXPECT_EQ(shelf.size(), 10);
}

TEST(Shelf, DropsTheOldValueWhenTheNewerIsTooLarge) {
  Shelf shelf(10'000, 1);
  shelf.put("a", entry("one", 1));
  EXPECT_EQ(shelf.put("a", entry(std::string(10'000, 'x'), 2)), Put::not_admitted);
  EXPECT_EQ(shelf.find("a"), nullptr);
  EXPECT_EQ(shelf.bytes(), 0);
  EXPECT_EQ(shelf.put("a", entry("one", 1)), Put::older);
}

TEST(Shelf, AValueInUseOutlivesItsEviction) {
  Shelf shelf(10'000, 1);
  shelf.put("a", entry("one"));
  auto const value = shelf.find("a")->value;
  shelf.clear();
  EXPECT_EQ(*static_cast<std::string const *>(value.get()), "one");
}

TEST(Shelf, LetsValuesGoWhenItGoes) {
  auto const value = std::make_shared<std::string const>("one");
  {
    Shelf shelf(10'000, 1);
    Entry kept;
    kept.value = value;
    shelf.put("a", kept);
    EXPECT_EQ(value.use_count(), 3);
  }
  EXPECT_EQ(value.use_count(), 1);
}

TEST(Shelf, ASmallerBoundActsInSteps) {
  Shelf shelf(10'000'000, 1);
  fill(shelf, 5000);
  shelf.set_bytes_max(0);
  EXPECT_EQ(shelf.size(), 5000 - Shelf::kFreedMax);
  int steps = 0;
  while (!shelf.settle()) ++steps;
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(shelf.size(), 0);
  EXPECT_EQ(shelf.evictions(), 5000);
}

TEST(Shelf, TakesNothingNewWhileASmallerBoundIsTakingEffect) {
  Shelf shelf(10'000'000, 1);
  fill(shelf, 5000);
  shelf.set_bytes_max(100'000);
  auto const before = shelf.size();
  EXPECT_EQ(shelf.put("new", entry("x")), Put::not_admitted);
  EXPECT_EQ(shelf.size(), before - Shelf::kFreedMax) << "but goes on";
}

TEST(Shelf, FreesNoMoreAtOnceWhenOneIsRenewedMeanwhile) {
  Shelf shelf(10'000'000, 1);
  fill(shelf, 5000);
  shelf.set_bytes_max(100'000);
  auto const before = shelf.size();
  auto const latest = key_of(4999);
  ASSERT_NE(shelf.find(latest), nullptr);
  shelf.put(latest, entry("again"));
  EXPECT_GE(shelf.size(), before - Shelf::kFreedMax - 1);
}

TEST(Shelf, ClearIsAtOnceForReadersAndInStepsForTheHeap) {
  Shelf shelf(10'000'000, 1);
  fill(shelf, 5000);
  auto const full = shelf.bytes();
  shelf.clear();
  EXPECT_EQ(shelf.size(), 0);
  EXPECT_EQ(shelf.find(key_of(4999)), nullptr);
  EXPECT_GT(shelf.bytes(), full / 2);
  EXPECT_EQ(shelf.put(key_of(1), entry("again")), Put::stored);
  EXPECT_EQ(text(shelf.find(key_of(1))), "again");
  while (!shelf.settle()) {
  }
  EXPECT_EQ(shelf.size(), 1);
  EXPECT_LT(shelf.bytes(), full / 1000);
}

TEST(Shelf, FindsEachOfManyWhileItGrowsAndShrinks) {
  Shelf shelf(100'000'000, 1);
  fill(shelf, 20'000);
  for (std::size_t i = 0; i < 20'000; ++i) ASSERT_NE(shelf.find(key_of(i)), nullptr) << i;
  for (std::size_t i = 0; i < 20'000; ++i) {
    if (i % 100 != 0) shelf.erase(key_of(i));
  }
  EXPECT_EQ(shelf.size(), 200);
  for (std::size_t i = 0; i < 20'000; ++i) ASSERT_EQ(shelf.find(key_of(i)) != nullptr, i % 100 == 0) << i;
}

TEST(Shelf, DoesTheSameForTheSameSeed) {
  auto const survivors = [](std::uint64_t seed) {
    Shelf shelf(50'000, seed);
    for (std::size_t i = 0; i < 20'000; ++i) {
      auto const key = key_of(i * i % 997);
      if (shelf.find(key) == nullptr) shelf.put(key, entry("x"));
    }
    std::string kept;
    for (std::size_t i = 0; i < 997; ++i) kept += shelf.find(key_of(i)) != nullptr ? '1' : '0';
    return kept;
  };
  EXPECT_EQ(survivors(1), survivors(1));
  EXPECT_NE(survivors(1), survivors(2));
}

}  // namespace
}  // namespace tableforge::cache
