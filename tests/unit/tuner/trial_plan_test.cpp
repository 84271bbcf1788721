#include "tableforge/tuner/trial_plan.hpp"

#include <set>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;

TEST(TrialPlan, OfCohortsGrowsFromACanaryToHalves) {
  auto const plan = plan_trial(TrialKind::cohort, 2s, {}, 1);
  ASSERT_EQ(plan.size(), 2u * (2 + 12));
  for (std::size_t i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(plan[i].block, i / 2);
    EXPECT_EQ(plan[i].canary, i < 4);
    EXPECT_EQ(plan[i].exposure.share, i < 4 ? 1.0 / 16 : 0.5);
    EXPECT_EQ(plan[i].exposure.salt, plan[0].exposure.salt);
    EXPECT_EQ(plan[i].settle, 2s);
    EXPECT_EQ(plan[i].measure, 28s);
  }
  EXPECT_EQ(duration_of(plan), 14min);
}

TEST(TrialPlan, ChangesSidesWithinEveryBlockOfCohorts) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto const plan = plan_trial(TrialKind::cohort, 0s, {}, seed);
    for (std::size_t i = 0; i < plan.size(); i += 2) {
      EXPECT_NE(plan[i].exposure.swapped, plan[i + 1].exposure.swapped);
    }
  }
}

TEST(TrialPlan, MakesBlocksOfFiveSettlingTimes) {
  auto const plan = plan_trial(TrialKind::cohort, 20s, {}, 1);
  EXPECT_EQ(plan[0].settle + plan[0].measure + plan[1].settle + plan[1].measure, 100s);
  EXPECT_EQ(plan[0].settle, 20s);
  auto const switchback = plan_trial(TrialKind::switchback, 20s, {}, 1);
  EXPECT_EQ(switchback[0].settle, 20s);
  EXPECT_EQ(switchback[0].measure, 80s);
}

TEST(TrialPlan, ComparesWithBeforeWhereSettlingTakesLong) {
  auto const plan = plan_trial(TrialKind::cohort, 5min, {}, 1);
  ASSERT_EQ(plan.size(), 28u);
  EXPECT_EQ(duration_of(plan), 28min + 2 * 5min) << "and not 14 blocks of 25 minutes";
  for (std::size_t i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(plan[i].lead, i < 14);
    EXPECT_EQ(plan[i].exposure.armed, i >= 14);
    EXPECT_FALSE(plan[i].exposure.swapped);
    EXPECT_EQ(plan[i].block, i % 14);
    EXPECT_EQ(plan[i].canary, i % 14 < 2);
    EXPECT_EQ(plan[i].exposure.share, i % 14 < 2 ? 1.0 / 16 : 0.5);
    EXPECT_EQ(plan[i].settle, i == 14 || i == 16 ? 5min : 0min);
  }
}

TEST(TrialPlan, IsShorterBesideBeforeWhereMuchIsExpected) {
  PlanRules rules;
  auto const usual = plan_trial(TrialKind::cohort, 60s, rules, 1);
  rules.led_blocks = 8;
  auto const brief = plan_trial(TrialKind::cohort, 60s, rules, 1);
  EXPECT_EQ(duration_of(usual) - duration_of(brief), 8min);
  auto const swapped = plan_trial(TrialKind::cohort, 1s, rules, 1);
  EXPECT_EQ(swapped, plan_trial(TrialKind::cohort, 1s, {}, 1)) << "else nothing of it changes";
}

TEST(TrialPlan, SwitchesEverybodyBackAndForthInRandomOrder) {
  std::set<bool> first;
  auto const plan = plan_trial(TrialKind::switchback, 0s, {}, 3);
  ASSERT_EQ(plan.size(), 24u);
  for (std::size_t i = 0; i < plan.size(); i += 2) {
    EXPECT_EQ(plan[i].exposure.share + plan[i + 1].exposure.share, 1.0);
    EXPECT_EQ(plan[i].block, plan[i + 1].block);
    first.insert(plan[i].exposure.share > 0);
  }
  EXPECT_EQ(first.size(), 2u);
}

TEST(TrialPlan, PairsWhatWasBeforeWithWhatIsAfter) {
  auto const plan = plan_trial(TrialKind::before_after, 0s, {}, 3);
  ASSERT_EQ(plan.size(), 24u);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(plan[i].exposure.share, 0);
    EXPECT_EQ(plan[i + 12].exposure.share, 1);
    EXPECT_EQ(plan[i].block, plan[i + 12].block);
  }
}

TEST(TrialPlan, NeverLeavesTheCanaryWhereThatIsTheMode) {
  for (auto const &segment : plan_trial(TrialKind::cohort, 0s, {.canary_only = true}, 1)) {
    EXPECT_EQ(segment.exposure.share, 1.0 / 16);
  }
}

TEST(TrialPlan, IsTheSameForTheSameSeedOnly) {
  EXPECT_EQ(plan_trial(TrialKind::cohort, 1s, {}, 5), plan_trial(TrialKind::cohort, 1s, {}, 5));
  EXPECT_NE(plan_trial(TrialKind::cohort, 1s, {}, 5), plan_trial(TrialKind::cohort, 1s, {}, 6));
}

}  // namespace
}  // namespace tableforge::tuner
