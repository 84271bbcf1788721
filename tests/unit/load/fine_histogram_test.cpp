#include "load/fine_histogram.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace tableforge::load {
namespace {

TEST(FineHistogram, IsOffByLessThanOnePercentEverywhere) {
  for (double value = 1; value < static_cast<double>(FineHistogram::kValueMax); value *= 1.003) {
    auto const exact = static_cast<std::uint64_t>(value);
    auto const shown = FineHistogram::middle_of(FineHistogram::index_of(exact));
    auto const error = std::abs(static_cast<double>(shown) - static_cast<double>(exact)) / static_cast<double>(exact);
    EXPECT_LE(error, 1.0 / 256) << exact;
  }
}

TEST(FineHistogram, TellsTheQuantilesOfWhatItSaw) {
  FineHistogram histogram;
  for (int i = 1; i <= 1'000; ++i) histogram.record(i * 1'000);
  auto const found = histogram.quantiles();
  EXPECT_EQ(found.count, 1'000U);
  EXPECT_NEAR(static_cast<double>(found.p50.count()), 500'000, 5'000);
  EXPECT_NEAR(static_cast<double>(found.p99.count()), 990'000, 9'900);
  EXPECT_EQ(found.max.count(), 1'000'000);
}

TEST(FineHistogram, TellsWhatCameSinceAnEarlierCopy) {
  FineHistogram histogram;
  histogram.record(1'000'000);
  auto const earlier = histogram;
  histogram.record(50);
  histogram.record(50);
  auto const found = histogram.since(earlier);
  EXPECT_EQ(found.count, 2U);
  EXPECT_EQ(found.p99.count(), 50);
}

TEST(FineHistogram, CountsWhatIsOutOfRangeAtItsEnds) {
  FineHistogram histogram;
  histogram.record(-5);
  histogram.record(std::int64_t{1} << 60);
  auto const found = histogram.quantiles();
  EXPECT_EQ(found.count, 2U);
  EXPECT_EQ(found.p50.count(), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(found.max.count()), FineHistogram::kValueMax);
}

}  // namespace
}  // namespace tableforge::load
