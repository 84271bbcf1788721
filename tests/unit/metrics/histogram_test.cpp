#include "tableforge/metrics/histogram.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tableforge::metrics {
namespace {

using namespace std::chrono_literals;

/// Values of every magnitude alike; plain integers would nearly all be huge.
rc::Gen<std::uint64_t> any_value() {
  return rc::gen::apply([](std::uint64_t bits, int shift) { return (bits & log_buckets::kValueMax) >> shift; },
                        rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 44));
}

RC_GTEST_PROP(LogBuckets, HoldTheirValueWithinOneSixtyFourth, ()) {
  std::uint64_t const value = *any_value();
  std::size_t const index = log_buckets::index_of(value);
  RC_ASSERT(log_buckets::lower_of(index) <= value);
  RC_ASSERT(value < log_buckets::lower_of(index) + log_buckets::width_of(index));
  auto const middle = static_cast<double>(log_buckets::middle_of(index));
  RC_ASSERT(std::abs(middle - static_cast<double>(value)) * 64 <= static_cast<double>(value));
}

TEST(LogBuckets, FollowEachOtherWithoutGap) {
  for (std::size_t i = 0; i + 1 < log_buckets::kCount; ++i) {
    ASSERT_EQ(log_buckets::lower_of(i) + log_buckets::width_of(i), log_buckets::lower_of(i + 1)) << i;
  }
}

RC_GTEST_PROP(SizeHistogram, QuantilesAreNearTheTrueOnes, ()) {
  auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(any_value()));
  double const q = *rc::gen::inRange(0, 1001) / 1000.0;
  SizeHistogram histogram;
  for (std::uint64_t const value : values) histogram.record(value);
  std::ranges::sort(values);
  auto const rank =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size()))));
  auto const exact = static_cast<double>(values[rank - 1]);
  auto const told = static_cast<double>(histogram.snapshot().quantile(q));
  RC_ASSERT(std::abs(told - exact) * 64 <= exact);
}

RC_GTEST_PROP(HistogramSnapshot, MergingEqualsRecordingTogether, ()) {
  auto const values = rc::gen::container<std::vector<std::uint64_t>>(any_value());
  auto const left = *values;
  auto const right = *values;
  SizeHistogram a;
  SizeHistogram b;
  SizeHistogram both;
  for (auto const value : left) a.record(value), both.record(value);
  for (auto const value : right) b.record(value), both.record(value);
  auto merged = a.snapshot();
  merged.merge(b.snapshot());
  RC_ASSERT(merged.count() == both.snapshot().count());
  RC_ASSERT(merged.sum() == both.snapshot().sum());
  for (double const q : {0.0, 0.5, 0.9, 1.0}) RC_ASSERT(merged.quantile(q) == both.snapshot().quantile(q));
}

TEST(HistogramSnapshot, TellsWhatCameSinceAnEarlierOne) {
  SizeHistogram histogram;
  histogram.record(1'000'000);
  auto const earlier = histogram.snapshot();
  histogram.record(5);
  histogram.record(7);
  auto const recent = histogram.snapshot().since(earlier);
  EXPECT_EQ(recent.count(), 2u);
  EXPECT_EQ(recent.sum(), 12u);
  EXPECT_EQ(recent.quantile(1.0), 7u);
}

TEST(HistogramSnapshot, OfNothingAnswersZero) {
  HistogramSnapshot const nothing;
  EXPECT_EQ(nothing.count(), 0u);
  EXPECT_EQ(nothing.quantile(0.5), 0u);
  EXPECT_EQ(nothing.mean(), 0.0);
}

TEST(HistogramSnapshot, CountsAValueThatEqualsTheBound) {
  SizeHistogram histogram;
  histogram.record(1'000);
  EXPECT_EQ(histogram.snapshot().count_at_most(1'000), 1u);
  EXPECT_EQ(histogram.snapshot().count_at_most(900), 0u);
}

TEST(LatencyHistogram, AnswersInNanoseconds) {
  LatencyHistogram histogram;
  for (int i = 0; i < 99; ++i) histogram.record(1ms);
  histogram.record(1s);
  auto const snapshot = histogram.snapshot();
  EXPECT_NEAR(static_cast<double>(snapshot.latency(0.5).count()), 1e6, 1e6 / 64);
  EXPECT_NEAR(static_cast<double>(snapshot.latency(1.0).count()), 1e9, 1e9 / 64);
}

TEST(LatencyHistogram, CountsAClockSetBackAsZero) {
  LatencyHistogram histogram;
  histogram.record(-5s);
  EXPECT_EQ(histogram.snapshot().count(), 1u);
  EXPECT_EQ(histogram.snapshot().sum(), 0u);
}

TEST(LatencyHistogram, LosesNothingBetweenThreads) {
  LatencyHistogram histogram;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) histogram.record(100us);
    });
  }
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(histogram.snapshot().count(), 40'000u);
}

}  // namespace
}  // namespace tableforge::metrics
