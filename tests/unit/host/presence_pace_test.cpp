#include "tableforge/host/presence_pace.hpp"

#include <gtest/gtest.h>

namespace tableforge::host {
namespace {

using namespace std::chrono_literals;

class PresencePaceTest : public testing::Test {
 protected:
  /// Turns so far apart, for so long.
  void show(std::chrono::milliseconds apart, std::chrono::milliseconds time) {
    for (auto const end = now_ + time; now_ < end; now_ += apart) pace_.showed(now_, rates_);
  }

  PresencePace::Clock::time_point now_{1h};
  metrics::SizeHistogram rates_;
  PresencePace pace_;
};

TEST_F(PresencePaceTest, KnowsNoRateBeforeASecondIsOver) {
  show(10ms, 990ms);
  EXPECT_EQ(pace_.rate(), 0);
  EXPECT_EQ(rates_.snapshot().count(), 0U);
}

TEST_F(PresencePaceTest, FollowsTheLatestSecond) {
  show(10ms, 1'010ms);
  EXPECT_NEAR(pace_.rate(), 100, 1);
  show(50ms, 2'010ms);
  EXPECT_NEAR(pace_.rate(), 20, 1);
  EXPECT_EQ(rates_.snapshot().count(), 3U);
  EXPECT_EQ(rates_.snapshot().count_at_most(30), 2U);
}

TEST_F(PresencePaceTest, TakesAPauseForNoRate) {
  show(10ms, 1'010ms);
  now_ += 1min;
  show(10ms, 500ms);
  EXPECT_EQ(pace_.rate(), 0);
  EXPECT_EQ(rates_.snapshot().count(), 1U) << "the pause is no second of a table with presence";
}

}  // namespace
}  // namespace tableforge::host
