#include "tableforge/table/chance.hpp"

#include <array>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "unit/table/test_chance.hpp"

namespace tableforge::table {
namespace {

using test::ScriptedChance;
using test::SeededChance;

constexpr std::uint64_t kWordMax = std::numeric_limits<std::uint64_t>::max();

TEST(Chance, BelowGivesTheRemainder) {
  ScriptedChance chance({0, 5, 6, 13});

  EXPECT_EQ(chance.below(6), 0U);
  EXPECT_EQ(chance.below(6), 5U);
  EXPECT_EQ(chance.below(6), 0U);
  EXPECT_EQ(chance.below(6), 1U);
}

// 2^64 = 6 * 3074457345618258602 + 4: the four greatest words belong to no complete round of six.
TEST(Chance, BelowDrawsAgainInTheTail) {
  ScriptedChance chance({kWordMax, kWordMax - 1, kWordMax - 2, kWordMax - 3, 2});

  EXPECT_EQ(chance.below(6), 2U);
  EXPECT_EQ(chance.drawn(), 5U);
}

TEST(Chance, BelowAcceptsTheLastWordBeforeTheTail) {
  ScriptedChance chance({kWordMax - 4});

  EXPECT_EQ(chance.below(6), 5U);
}

TEST(Chance, BelowAcceptsEveryWordIfTheyDivideEvenly) {
  ScriptedChance chance({kWordMax, kWordMax, kWordMax});

  EXPECT_EQ(chance.below(1), 0U);
  EXPECT_EQ(chance.below(64), 63U);
  EXPECT_EQ(chance.below(std::uint64_t{1} << 63), (std::uint64_t{1} << 63) - 1);
}

TEST(Chance, BelowHalfOfAllWordsAndOneRejectsNearlyHalf) {
  constexpr std::uint64_t n = (std::uint64_t{1} << 63) + 1;
  ScriptedChance chance({n, kWordMax, n - 1});

  EXPECT_EQ(chance.below(n), n - 1);
  EXPECT_EQ(chance.drawn(), 3U);
}

TEST(Chance, BelowTheGreatestWordRejectsOnlyThatWord) {
  ScriptedChance chance({kWordMax, kWordMax - 1});

  EXPECT_EQ(chance.below(kWordMax), kWordMax - 1);
  EXPECT_EQ(chance.drawn(), 2U);
}

TEST(Chance, BelowSixIsUniform) {
  constexpr std::uint64_t seed = 20'240'607;
  constexpr int draws = 600'000;
  SeededChance chance(seed);

  std::array<int, 6> seen{};
  for (int i = 0; i < draws; ++i) ++seen.at(chance.below(6));

  double chi_square = 0;
  for (int const count : seen) {
    double const off = count - draws / 6.0;
    chi_square += off * off / (draws / 6.0);
  }
  // Five degrees of freedom: fair dice exceed 20.5 once in a thousand seeds, and this seed is not one of them.
  EXPECT_LT(chi_square, 20.5);
  // Too even is not chance either: below 0.21 once in a thousand.
  EXPECT_GT(chi_square, 0.21);
}

// A third of all words is rejected here, so drawing without rejection would show the lower half twice as often.
TEST(Chance, BelowALargeNumberHasNoModuloBias) {
  constexpr std::uint64_t n = kWordMax / 3 * 2;
  constexpr int draws = 100'000;
  SeededChance chance(7);

  int lower_half = 0;
  for (int i = 0; i < draws; ++i) lower_half += chance.below(n) < n / 2 ? 1 : 0;

  // Six standard deviations of a fair coin thrown so often.
  EXPECT_NEAR(lower_half, draws / 2, 950);
}

TEST(ChanceDeathTest, BelowZeroIsABrokenInvariant) {
  SeededChance chance(1);

  EXPECT_DEATH(chance.below(0), "n > 0");
}

TEST(Chance, ASeedDecidesEveryDraw) {
  SeededChance one(42);
  SeededChance same(42);
  SeededChance other(43);

  std::uint64_t const first = one.bits();

  EXPECT_EQ(same.bits(), first);
  EXPECT_NE(other.bits(), first);
}

}  // namespace
}  // namespace tableforge::table
