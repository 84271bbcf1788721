#include "tableforge/tuner/cusum.hpp"

#include <random>

#include <gtest/gtest.h>

#include "tableforge/tuner/level_watch.hpp"

namespace tableforge::tuner {
namespace {

double run_length(double threshold, double shift, int rounds) {
  std::mt19937_64 random(1954);
  std::normal_distribution<double> noise(shift, 1);
  double total = 0;
  for (int round = 0; round < rounds; ++round) {
    Cusum sum(0.5, threshold);
    do total += 1;
    while (!sum.add(noise(random)));
  }
  return total / rounds;
}

TEST(Cusum, RunsAsLongAsThePrintedTableSays) {
  // Montgomery, table 9.4, slack 1/2: the average run length of the two-sided sum, by threshold and shift.
  EXPECT_NEAR(run_length(4, 0, 4000), 168, 168 * 0.06);
  EXPECT_NEAR(run_length(5, 0, 4000), 465, 465 * 0.06);
  EXPECT_NEAR(run_length(4, 1, 4000), 8.38, 0.3);
  EXPECT_NEAR(run_length(5, 1, 4000), 10.4, 0.3);
  EXPECT_NEAR(run_length(5, 2, 4000), 4.01, 0.12);
}

TEST(Cusum, SeesAShiftToEitherSide) {
  Cusum up;
  Cusum down;
  for (int i = 0; i < 4; ++i) {
    up.add(2);
    down.add(-2);
  }
  EXPECT_TRUE(up.shifted());
  EXPECT_TRUE(down.shifted());
}

TEST(LevelWatch, SeesAJumpWithinTwoValues) {
  LevelWatch watch;
  for (double const value : {1.00, 1.02, 0.99, 1.01}) EXPECT_FALSE(watch.add(value));
  EXPECT_FALSE(watch.add(1.4)) << "one alone may be an accident";
  EXPECT_TRUE(watch.add(1.4));
}

TEST(LevelWatch, TakesOneOutlierForAnAccident) {
  LevelWatch watch;
  for (double const value : {1.00, 1.02, 0.99, 1.01, 3.00, 1.02, 0.98, 1.00, 1.01, 1.0, 1.0, 1.0}) watch.add(value);
  EXPECT_FALSE(watch.shifted());
}

TEST(LevelWatch, RarelyCallsNoiseAShift) {
  std::mt19937_64 random(1987);
  int shifted = 0;
  for (double const deviation : {0.01, 0.05, 0.2}) {
    std::normal_distribution<double> noise(3, deviation);
    for (int round = 0; round < 1000; ++round) {
      LevelWatch watch;
      for (int i = 0; i < 12; ++i) watch.add(noise(random));
      shifted += watch.shifted();
    }
  }
  EXPECT_LT(shifted, 3000 * 0.05);
}

}  // namespace
}  // namespace tableforge::tuner
