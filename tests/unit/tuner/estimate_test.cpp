#include "tableforge/tuner/estimate.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Estimate, IsStudentsOwnExample) {
  // Gosset 1908, the second sleeping-draught less the first: mean 1.58, and 95 % from 0.70 to 2.46.
  std::array<double, 10> const hours{1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};
  auto const estimate = estimate_mean(hours);
  EXPECT_NEAR(estimate.mean, 1.58, 1e-9);
  EXPECT_NEAR(estimate.low, 0.7001, 1e-4);
  EXPECT_NEAR(estimate.high, 2.4599, 1e-4);
  EXPECT_EQ(estimate.n, 10u);
}

TEST(Estimate, KnowsNothingFromOneValueAndAllFromEqualOnes) {
  std::array<double, 1> const one{3};
  EXPECT_EQ(estimate_mean(one).low, -kInfinity);
  EXPECT_EQ(estimate_mean(one).high, kInfinity);
  std::array<double, 3> const equal{2, 2, 2};
  EXPECT_EQ(estimate_mean(equal).low, 2);
  EXPECT_EQ(estimate_mean(equal).high, 2);
}

TEST(Estimate, HoldsTheTruthAsOftenAsItSays) {
  std::mt19937_64 random(20261126);
  std::normal_distribution<double> noise(0.5, 0.2);
  int held = 0;
  constexpr int kRounds = 4000;
  for (int round = 0; round < kRounds; ++round) {
    std::array<double, 12> values;
    for (double &value : values) value = noise(random);
    auto const estimate = estimate_mean(values);
    held += estimate.low <= 0.5 && 0.5 <= estimate.high;
  }
  EXPECT_NEAR(held / double{kRounds}, 0.95, 0.012);  // Three and a half standard errors.
}

Moments moments_of(std::initializer_list<double> values) {
  Moments moments;
  for (double const value : values) moments.add(value);
  return moments;
}

TEST(Welch, AgreesWithAKnownExample) {
  // Gosset's two draughts as if they were of different patients, the example of R's manual for t.test(): t -1.8608,
  // df 17.776, p-value 0.07939.
  auto const first = moments_of({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0});
  auto const second = moments_of({1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
  auto const test = compare_welch(first, second);
  EXPECT_NEAR(test.difference, 1.58, 1e-9);
  EXPECT_NEAR(test.t, 1.8608, 5e-5);
  EXPECT_NEAR(test.dof, 17.776, 5e-4);
  EXPECT_NEAR(test.p, 0.07939, 5e-6);
}

TEST(Welch, IsStudentsTestWhereVariancesAndSizesAreEqual) {
  auto const test = compare_welch(moments_of({1, 2, 3, 4, 5}), moments_of({3, 4, 5, 6, 7}));
  EXPECT_NEAR(test.t, 2, 1e-12);  // A difference of 2, √(2.5 / 5 + 2.5 / 5) = 1.
  EXPECT_NEAR(test.dof, 8, 1e-12);
  EXPECT_NEAR(test.p, 0.0805, 1e-4);
}

TEST(Welch, SaysNothingOfTooLittleAndIsCertainWithoutSpread) {
  EXPECT_EQ(compare_welch(moments_of({1}), moments_of({5, 6})).p, 1);
  EXPECT_EQ(compare_welch(moments_of({1, 1}), moments_of({1, 1})).p, 1);
  EXPECT_EQ(compare_welch(moments_of({1, 1}), moments_of({2, 2})).p, 0);
  EXPECT_EQ(compare_welch(moments_of({2, 2}), moments_of({1, 1})).t, -kInfinity);
}

}  // namespace
}  // namespace tableforge::tuner
