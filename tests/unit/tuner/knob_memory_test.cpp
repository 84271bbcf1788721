#include "tableforge/tuner/knob_memory.hpp"

#include <gtest/gtest.h>

#include "tableforge/tuner/budget.hpp"
#include "tableforge/tuner/step.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;

constexpr Time kNow{std::chrono::hours(100)};

/// Periods until it is open, counted from a failure.
int rest_of(Ladder &ladder) {
  int periods = 0;
  for (; !ladder.open(); ++periods) ladder.pass();
  return periods;
}

TEST(Ladder, RestsTwiceAsLongAfterEachFailure) {
  Ladder ladder;
  EXPECT_TRUE(ladder.open());
  for (int const expected : {1, 2, 4, 8, 16, 32, 64, 64}) {
    ladder.failed();
    EXPECT_EQ(rest_of(ladder), expected);
  }
}

TEST(Ladder, BeginsAnewOnceSomethingWasKept) {
  Ladder ladder;
  for (int i = 0; i < 5; ++i) ladder.failed();
  ladder.kept();
  EXPECT_TRUE(ladder.open());
  ladder.failed();
  EXPECT_EQ(rest_of(ladder), 1);
}

TEST(KnobMemory, KeepsTheLaddersOfBothDirectionsApart) {
  KnobMemory memory;
  memory.failed(Direction::up);
  EXPECT_FALSE(memory.ladder(Direction::up).open());
  EXPECT_TRUE(memory.ladder(Direction::down).open());
  memory.pass();
  EXPECT_TRUE(memory.ladder(Direction::up).open());
}

TEST(KnobMemory, FreezesForADayAfterThreeReversalsInEight) {
  KnobMemory memory;
  memory.kept(Direction::up, kNow);
  memory.kept(Direction::down, kNow);
  memory.kept(Direction::down, kNow);
  memory.failed(Direction::up);
  memory.kept(Direction::up, kNow);
  EXPECT_FALSE(memory.frozen(kNow));
  memory.kept(Direction::down, kNow);
  EXPECT_TRUE(memory.frozen(kNow));
  EXPECT_TRUE(memory.frozen(kNow + 24h - 1us));
  EXPECT_FALSE(memory.frozen(kNow + 24h));
  EXPECT_EQ(memory.reversals, 3u);
  memory.kept(Direction::up, kNow + 25h);
  EXPECT_FALSE(memory.frozen(kNow + 25h)) << "what led to one freeze leads to no second";
}

TEST(KnobMemory, ForgetsReversalsOlderThanEightDecisions) {
  KnobMemory memory;
  memory.kept(Direction::up, kNow);
  memory.kept(Direction::down, kNow);
  memory.kept(Direction::up, kNow);
  for (int i = 0; i < 6; ++i) memory.failed(Direction::up);
  memory.kept(Direction::down, kNow);
  EXPECT_FALSE(memory.frozen(kNow));
}

TEST(Step, IsLimitedToHalfAsMuchAgain) {
  EXPECT_DOUBLE_EQ(limit_step(10, 100), 15);
  EXPECT_DOUBLE_EQ(limit_step(15, 1), 10);
  EXPECT_DOUBLE_EQ(limit_step(10, 12), 12);
}

TEST(Step, GrowsWhileTrialsTheSameWayAreKept) {
  EXPECT_DOUBLE_EQ(step_after(0), 1.5);
  EXPECT_DOUBLE_EQ(step_after(1), 2.25);
  EXPECT_DOUBLE_EQ(step_after(2), 5.0625);
  EXPECT_DOUBLE_EQ(step_after(7), 5.0625);
  EXPECT_DOUBLE_EQ(step_after(7, 1.5, 1), 1.5);
}

TEST(KnobMemory, CountsWhatWasKeptTheSameWayWithoutABreak) {
  KnobMemory memory;
  EXPECT_EQ(memory.streak(Direction::up), 0u);
  memory.kept(Direction::up, kNow);
  memory.kept(Direction::up, kNow);
  EXPECT_EQ(memory.streak(Direction::up), 2u);
  EXPECT_EQ(memory.streak(Direction::down), 0u);
  memory.failed(Direction::up);
  EXPECT_EQ(memory.streak(Direction::up), 0u);
}

TEST(Budget, LetsOneDomainOfAGroupTry) {
  Budget budget;
  EXPECT_TRUE(budget.take(CouplingGroup::cache_and_database, "cache"));
  EXPECT_TRUE(budget.take(CouplingGroup::cache_and_database, "cache"));
  EXPECT_FALSE(budget.take(CouplingGroup::cache_and_database, "database"));
  EXPECT_TRUE(budget.take(CouplingGroup::memory, "memory"));
  budget.give_back(CouplingGroup::cache_and_database, "database");
  EXPECT_FALSE(budget.take(CouplingGroup::cache_and_database, "database")) << "given back by who does not have it";
  budget.give_back(CouplingGroup::cache_and_database, "cache");
  EXPECT_TRUE(budget.take(CouplingGroup::cache_and_database, "database"));
}

}  // namespace
}  // namespace tableforge::tuner
