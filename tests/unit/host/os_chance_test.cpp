#include "tableforge/host/os_chance.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace tableforge::host {
namespace {

// Several buffers' worth. A word that repeats has been handed out twice, or was never drawn: by chance that happens
// once in 10^13 runs.
TEST(OsChance, NeverRepeatsAWordAcrossRefills) {
  constexpr int draws = 1'000;
  OsChance chance;

  std::set<std::uint64_t> seen;
  for (int i = 0; i < draws; ++i) seen.insert(chance.bits());

  EXPECT_EQ(seen.size(), draws);
  EXPECT_FALSE(seen.contains(0)) << "a wiped word was handed out";
}

TEST(OsChance, TwoSourcesDiffer) {
  OsChance one;
  OsChance other;

  EXPECT_NE(one.bits(), other.bits());
}

TEST(OsChance, ThreadsDiffer) {
  std::uint64_t theirs = 0;
  std::thread([&] { theirs = OsChance().bits(); }).join();

  EXPECT_NE(OsChance().bits(), theirs);
}

// Each bit is set in half of all words: 10,000 draws deviate by less than six standard deviations (50 each).
TEST(OsChance, EveryBitIsFair) {
  constexpr int draws = 10'000;
  OsChance chance;

  for (int bit = 0; bit < 64; ++bit) {
    int set = 0;
    for (int i = 0; i < draws; ++i) set += static_cast<int>(chance.bits() >> bit & 1);
    EXPECT_NEAR(set, draws / 2, 350) << "bit " << bit;
  }
}

// What was handed out must not lie in memory any more.
TEST(OsChance, WipesWhatItHandsOut) {
  OsChance chance;
  std::uint64_t const drawn = chance.bits();

  auto const *const bytes = reinterpret_cast<unsigned char const *>(&chance);
  bool found = false;
  for (std::size_t at = 0; at + sizeof(drawn) <= sizeof(chance); at += alignof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, sizeof(word));
    found = found || word == drawn;
  }

  EXPECT_FALSE(found);
}

}  // namespace
}  // namespace tableforge::host
