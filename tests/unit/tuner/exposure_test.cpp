#include "tableforge/tuner/exposure.hpp"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

std::array<int, 3> counts(Exposure const &exposure) {
  std::array<int, 3> sides{};
  // Hashes as bad as can be: consecutive numbers.
  for (std::uint64_t hash = 0; hash < 160'000; ++hash) ++sides[static_cast<std::size_t>(exposure.side_of(hash))];
  return sides;
}

TEST(Exposure, PartsInTheSharesItSays) {
  auto const [outside, control, treated] = counts({1.0 / 16, 7, false});
  EXPECT_NEAR(control, 10'000, 400);
  EXPECT_NEAR(treated, 10'000, 400);
  EXPECT_EQ(outside, 160'000 - control - treated);
}

TEST(Exposure, LeavesNobodyOutsideOfHalves) {
  auto const [outside, control, treated] = counts({0.5, 7, false});
  EXPECT_EQ(outside, 0);
  EXPECT_NEAR(control, 80'000, 800);
}

TEST(Exposure, IsAllOrNothingAtTheEnds) {
  EXPECT_EQ(counts({0, 7, true})[1], 160'000);
  EXPECT_EQ(counts({1, 7, true})[2], 160'000);
}

TEST(Exposure, ExchangesTheCohortsWhenSwapped) {
  for (double const share : {1.0 / 16, 0.5}) {
    for (std::uint64_t hash = 0; hash < 10'000; ++hash) {
      auto const side = Exposure{share, 7, false}.side_of(hash);
      auto const swapped = Exposure{share, 7, true}.side_of(hash);
      ASSERT_EQ(side == Side::treated, swapped == Side::control);
      ASSERT_EQ(side == Side::outside, swapped == Side::outside);
    }
  }
}

TEST(Exposure, KeepsTheSideOfEachWhenItGrows) {
  for (std::uint64_t hash = 0; hash < 10'000; ++hash) {
    auto const small = Exposure{1.0 / 16, 7, false}.side_of(hash);
    if (small != Side::outside) ASSERT_EQ(small, (Exposure{0.5, 7, false}.side_of(hash)));
  }
}

TEST(Exposure, GivesNobodyTheNewValueBeforeItIsArmed) {
  int have = 0;
  for (std::uint64_t hash = 0; hash < 1'000; ++hash) {
    EXPECT_FALSE((Exposure{0.5, 7, false, false}.has_new_value(hash)));
    have += Exposure{0.5, 7, false}.has_new_value(hash);
  }
  EXPECT_NEAR(have, 500, 80);
}

TEST(Exposure, PartsDifferentlyInEachTrial) {
  int same = 0;
  for (std::uint64_t hash = 0; hash < 10'000; ++hash) {
    same += Exposure{0.5, 7, false}.side_of(hash) == Exposure{0.5, 8, false}.side_of(hash);
  }
  EXPECT_NEAR(same, 5'000, 250);
}

}  // namespace
}  // namespace tableforge::tuner
