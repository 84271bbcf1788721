#include "tableforge/tuner/moments.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

Moments of(std::initializer_list<double> values) {
  Moments moments;
  for (double const value : values) moments.add(value);
  return moments;
}

TEST(Moments, AreThoseOfASmallCase) {
  auto const moments = of({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_EQ(moments.count(), 8);
  EXPECT_DOUBLE_EQ(moments.mean(), 5);
  EXPECT_DOUBLE_EQ(moments.variance(), 32.0 / 7);
  EXPECT_EQ(of({3}).variance(), 0);
  EXPECT_EQ(Moments().variance(), 0);
}

TEST(Moments, LoseNothingFarFromZero) { EXPECT_NEAR(of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}).variance(), 30, 1e-6); }

TEST(Moments, OfTwoPartsAreThoseOfTheWhole) {
  auto whole = of({1, 2, 3});
  auto const part = of({10, 20, 40, 80});
  whole.merge(part);
  auto const expected = of({1, 2, 3, 10, 20, 40, 80});
  EXPECT_DOUBLE_EQ(whole.mean(), expected.mean());
  EXPECT_DOUBLE_EQ(whole.variance(), expected.variance());
  whole.merge({});
  EXPECT_EQ(whole.count(), 7);
}

TEST(Moments, OfAWindowAreTheDifferenceOfTwoLooks) {
  auto const earlier = of({1, 2, 3});
  auto later = earlier;
  for (double const value : {10.0, 20.0, 40.0, 80.0}) later.add(value);
  auto const window = later.since(earlier);
  auto const expected = of({10, 20, 40, 80});
  EXPECT_EQ(window.count(), 4);
  EXPECT_NEAR(window.mean(), expected.mean(), 1e-9);
  EXPECT_NEAR(window.variance(), expected.variance(), 1e-9);
  EXPECT_EQ(later.since(later).count(), 0);
}

TEST(Moments, OfAWindowAreExactFromWhatTheDatabaseKeeps) {
  // pg_stat_statements: calls, mean_exec_time, stddev_exec_time, the latter of the population.
  auto const before = Moments::of_population(3, 2, std::sqrt(2.0 / 3));
  auto const after = Moments::of_population(5, 7.2, std::sqrt((1 + 4 + 9 + 100 + 400) / 5.0 - 7.2 * 7.2));
  auto const window = after.since(before);
  EXPECT_NEAR(window.mean(), 15, 1e-9);
  EXPECT_NEAR(window.variance(), 50, 1e-9);
}

TEST(Moments, OfADifferenceAreNeverNegative) {
  Moments earlier;
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(1e8, 1e-3);
  for (int i = 0; i < 1000; ++i) earlier.add(noise(random));
  auto later = earlier;
  later.add(1e8);
  later.add(1e8);
  EXPECT_GE(later.since(earlier).variance(), 0);
}

}  // namespace
}  // namespace tableforge::tuner
