#include "tableforge/tuner/rate_watch.hpp"

#include <random>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

/// Counts until it alarms, of which `rate` come in truth and one is expected; at most `most`.
int counts_until_alarm(double rate, std::mt19937_64 &random, int most) {
  RateWatch watch;
  std::poisson_distribution<int> happens(rate);
  for (int count = 1; count <= most; ++count) {
    if (watch.add(happens(random), 1, 1)) return count;
  }
  return most;
}

double mean_until_alarm(double rate, int most) {
  std::mt19937_64 random(1985);
  double sum = 0;
  for (int round = 0; round < 200; ++round) sum += counts_until_alarm(rate, random, most);
  return sum / 200;
}

TEST(RateWatch, SeesAThreefoldRateWithinAFewCountsAndAThirdWithinSome) {
  EXPECT_LT(mean_until_alarm(3, 10'000), 8);
  EXPECT_LT(mean_until_alarm(10, 10'000), 2);
  EXPECT_LT(mean_until_alarm(1.0 / 3, 10'000), 30);
}

TEST(RateWatch, IsQuietForLongWhileNothingChanges) { EXPECT_GT(mean_until_alarm(1, 20'000), 900); }

TEST(RateWatch, TakesAnExpectationForWhatItMayBe) {
  RateWatch watch;
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(watch.add(1, 2, 0.5));
}

}  // namespace
}  // namespace tableforge::tuner
