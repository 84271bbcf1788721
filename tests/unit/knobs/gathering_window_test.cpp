#include "tableforge/knobs/gathering_window.hpp"

#include <gtest/gtest.h>

namespace tableforge {
namespace {

using namespace std::chrono_literals;

constexpr GatheringRule kRule{.window_max = 20ms, .batch = 4, .gather_min = 0.5};

TEST(GatheringWindow, LastsUntilABatchHasCome) {
  EXPECT_EQ(gathering_window(300, kRule), 10ms);
  EXPECT_EQ(gathering_window(3'000, kRule), 1ms);
}

TEST(GatheringWindow, LastsNoLongerThanTheLongest) { EXPECT_EQ(gathering_window(80, kRule), 20ms); }

TEST(GatheringWindow, IsNoneWhereHardlyAnythingWouldCome) {
  EXPECT_EQ(gathering_window(24.9, kRule), 0ms);
  EXPECT_EQ(gathering_window(25, kRule), 20ms);
}

TEST(GatheringWindow, IsTheLongestWhileTheRateIsUnknown) {
  EXPECT_EQ(gathering_window(0, kRule), 20ms);
  EXPECT_EQ(gathering_window(0, {.window_max = 20ms, .batch = 1, .gather_min = 0.5}), 0ms) << "one at a time";
}

TEST(GatheringWindow, IsBeforeAnybodyTurnsAKnobWhatOneKnobSays) {
  Knobs knobs;
  for (double const rate : {0.0, 0.1, 1.0, 10.0, 80.0, 1'000.0, 3'000.0}) {
    EXPECT_EQ(gathering_window(rate, gathering_rule(knobs)), 20ms) << rate;
  }
  ASSERT_TRUE(knobs.presence_allowance.set(5ms));
  EXPECT_EQ(gathering_window(80, gathering_rule(knobs)), 5ms);
  ASSERT_TRUE(knobs.presence_window.set(0ms));
  EXPECT_EQ(gathering_window(80, gathering_rule(knobs)), 0ms);
}

TEST(GatheringWindow, CarriesMoreIfTheLeastBatchIsRaised) {
  Knobs knobs;
  ASSERT_TRUE(knobs.presence_batch.set(1));
  EXPECT_EQ(gathering_window(100, gathering_rule(knobs)), 0ms);
  ASSERT_TRUE(knobs.presence_batch_least.set(2));
  EXPECT_EQ(gathering_window(100, gathering_rule(knobs)), 10ms);
}

}  // namespace
}  // namespace tableforge
