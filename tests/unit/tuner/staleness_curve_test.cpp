#include "tableforge/tuner/staleness_curve.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

TEST(AgeGrid, PutsAnAgeWhereItBelongs) {
  EXPECT_EQ(AgeGrid::place_of(0us), 0u);
  EXPECT_EQ(AgeGrid::place_of(1024us), 0u);
  EXPECT_EQ(AgeGrid::place_of(1448us), 0u);
  EXPECT_EQ(AgeGrid::place_of(1449us), 1u);
  EXPECT_EQ(AgeGrid::place_of(2048us), 2u);
  EXPECT_EQ(AgeGrid::place_of(24h * 365), AgeGrid::kPlaces - 1);
  for (std::size_t place = 0; place < AgeGrid::kPlaces; ++place) {
    microseconds const middle(std::llround(AgeGrid::seconds_of(place) * 1e6));
    EXPECT_EQ(AgeGrid::place_of(middle), place);
  }
}

TEST(StalenessCurve, KnowsNothingWithoutComparisons) {
  StalenessCurve const curve;
  EXPECT_EQ(curve.probability(10s), 0);
}

TEST(StalenessCurve, LearnsTheRateOfWritesThatComeByChance) {
  StalenessCurve curve;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> share(0, 1);
  constexpr double kWrites = 0.05;
  for (int i = 0; i < 40'000; ++i) {
    double const age = 20 * share(random);
    curve.add(microseconds(std::llround(age * 1e6)), share(random) < 1 - std::exp(-kWrites * age));
  }
  for (double const age : {0.5, 2.0, 8.0, 15.0}) {
    double const expected = 1 - std::exp(-kWrites * age);
    EXPECT_NEAR(curve.probability(microseconds(std::llround(age * 1e6))), expected, 0.2 * expected + 0.01) << age;
  }
  // Beyond what was compared it goes on at that rate.
  EXPECT_NEAR(curve.probability(60s), 1 - std::exp(-kWrites * 60), 0.06);
}

TEST(StalenessCurve, NeverFallsWithAge) {
  StalenessCurve curve;
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) curve.add(microseconds(random() % 100'000'000), random() % 3 == 0);
  double last = 0;
  for (std::size_t place = 0; place < AgeGrid::kPlaces; ++place) {
    double const now = curve.probability(microseconds(std::llround(AgeGrid::seconds_of(place) * 1e6)));
    EXPECT_GE(now, last - 1e-12);
    EXPECT_LE(now, 1);
    last = now;
  }
}

TEST(StalenessCurve, ExpectsOfCountedHitsWhatItSaysOfEach) {
  StalenessCurve curve;
  for (int i = 0; i < 100; ++i) curve.add(1s, i < 30);
  std::array<double, AgeGrid::kPlaces> hits{};
  hits[AgeGrid::place_of(1s)] = 1000;
  EXPECT_NEAR(curve.expected_stale(hits), 300, 1e-9);
}

TEST(StalenessCurve, ExpectsNothingOfAgesItDoesNotKnow) {
  StalenessCurve curve;
  for (int i = 0; i < 1'000; ++i) curve.add(1s, i % 10 == 0);
  auto const known = curve.expectation(1s);
  ASSERT_TRUE(known);
  EXPECT_NEAR(known->most, 0.101, 1e-9);
  EXPECT_NEAR(known->least, 0.1 * 100 / 101, 1e-9);
  EXPECT_FALSE(curve.expectation(10s));
  EXPECT_FALSE(StalenessCurve().expectation(1s));
}

TEST(StalenessCurve, FollowsAChangeAsItFades) {
  StalenessCurve curve;
  for (int i = 0; i < 1000; ++i) curve.add(1s, false);
  for (int i = 0; i < 6; ++i) curve.fade();
  for (int i = 0; i < 100; ++i) curve.add(1s, true);
  EXPECT_GT(curve.probability(1s), 0.8);
}

}  // namespace
}  // namespace tableforge::tuner
