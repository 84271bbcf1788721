#include "tableforge/tuner/judge.hpp"

#include <array>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

constexpr std::array kJudgedGuards{kLatencyGuard, kErrorGuard, kMemoryGuard};

PairedBlock block(double log_ratio, double level = 1, double p99 = 0, double errors = 0) {
  return {.log_ratio = log_ratio, .control_level = level, .guards = {p99, errors, 0}};
}

/// Twelve blocks around a mean, each a little off it, in an order that does not end early.
template <class Make>
Judgement judged(Make make) {
  Judge judge(kJudgedGuards);
  for (int i = 0; i < 12; ++i) {
    if (auto early = judge.add(make(i % 2 == 0 ? 0.01 : -0.01), false)) return *early;
  }
  return judge.conclude();
}

TEST(Judge, KeepsWhatIsBetterBeyondChance) {
  auto const judgement = judged([](double off) { return block(-0.05 + off); });
  EXPECT_EQ(judgement.verdict, Verdict::keep);
  EXPECT_NEAR(judgement.log_ratio.mean, -0.05, 1e-12);
  EXPECT_LT(judgement.log_ratio.high, 0);
  EXPECT_EQ(judgement.log_ratio.n, 12u);
}

TEST(Judge, RevertsWhatIsBetterByTooLittle) {
  EXPECT_EQ(judged([](double off) { return block(-0.009 + off / 100); }).verdict, Verdict::neutral);
  EXPECT_EQ(judged([](double off) { return block(-0.0101 + off / 100); }).verdict, Verdict::keep);
}

TEST(Judge, RevertsWhatMayBeChance) {
  // A mean of -2 % whose interval reaches above 0.
  auto const judgement = judged([](double off) { return block(-0.02 + 5 * off); });
  EXPECT_EQ(judgement.verdict, Verdict::neutral);
  EXPECT_GT(judgement.log_ratio.high, 0);
}

TEST(Judge, StopsEarlyForHarmAndNeverForGain) {
  Judge harmful(kJudgedGuards);
  int blocks = 1;
  while (!harmful.add(block(0.05 + (blocks % 2 == 0 ? 0.01 : -0.01)), false)) ++blocks;
  EXPECT_EQ(blocks, 4);
  Judge good(kJudgedGuards);
  for (int i = 0; i < 12; ++i) EXPECT_FALSE(good.add(block(-0.5 + 0.001 * i), false));
}

TEST(Judge, KeepsEarlyWhatIsSeenAtOnceIfMuchWasExpected) {
  Judge judge(kJudgedGuards, {.early_blocks = 6});
  for (int i = 0; i < 5; ++i) ASSERT_FALSE(judge.add(block(-0.2 + (i % 2 == 0 ? 0.05 : -0.05)), false));
  auto const early = judge.add(block(-0.2), false);
  ASSERT_TRUE(early);
  EXPECT_EQ(early->verdict, Verdict::keep);
  EXPECT_EQ(early->log_ratio.n, 6U);
}

TEST(Judge, GoesOnWhereTheEarlyLookIsNotClear) {
  // Beyond chance to 95 %, and not to 99.
  Judge doubtful(kJudgedGuards, {.early_blocks = 6});
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(doubtful.add(block(-0.04 + (i % 2 == 0 ? 0.03 : -0.03)), false));
  // A guard that was not measured is not shown to hold.
  Judge guarded(kJudgedGuards, {.early_blocks = 6});
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(guarded.add(block(-0.2, 1, std::nan("")), false));
  // Nor is there a look with a block missing.
  Judge gap(kJudgedGuards, {.early_blocks = 6});
  EXPECT_FALSE(gap.add(std::nullopt, false));
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(gap.add(block(-0.2), false));
}

TEST(Judge, StopsAtOnceWhenTheCostJumps) {
  Judge doubled(kJudgedGuards);
  EXPECT_EQ(doubled.add(block(0.7), true)->verdict, Verdict::harmful);
  Judge twice(kJudgedGuards);
  EXPECT_FALSE(twice.add(block(0.25), true));
  EXPECT_EQ(twice.add(block(0.25), true)->verdict, Verdict::harmful);
  Judge once(kJudgedGuards);
  EXPECT_FALSE(once.add(block(0.25), true));
  EXPECT_FALSE(once.add(block(0.0), true));
}

TEST(Judge, CountsNoCanary) {
  Judge judge(kJudgedGuards);
  judge.add(block(0.1), true);
  judge.add(block(0.1), true);
  for (int i = 0; i < 12; ++i) judge.add(block(i % 2 == 0 ? -0.04 : -0.06), false);
  EXPECT_NEAR(judge.conclude().log_ratio.mean, -0.05, 1e-12);
}

TEST(Judge, RevertsAGainThatAGuardPaysFor) {
  auto const latency = judged([](double off) { return block(-0.05 + off, 1, 0.018 + off); });
  EXPECT_EQ(latency.verdict, Verdict::guarded) << "below its margin in the mean, and not shown to be";
  EXPECT_FALSE(latency.guards[0].held);
  EXPECT_TRUE(latency.guards[1].held);
  auto const within = judged([](double off) { return block(-0.05 + off, 1, 0.01 + off / 10); });
  EXPECT_EQ(within.verdict, Verdict::keep);
  auto const errors = judged([](double off) { return block(-0.05 + off, 1, 0, 0.00011); });
  EXPECT_EQ(errors.verdict, Verdict::guarded);
}

TEST(Judge, RevertsAGainWhoseGuardWasNotMeasured) {
  auto const judgement = judged([](double off) { return block(-0.05 + off, 1, NAN); });
  EXPECT_EQ(judgement.verdict, Verdict::guarded);
}

TEST(Judge, LearnsNothingFromATrialWhoseControlShifted) {
  Judge judge(kJudgedGuards);
  std::optional<Judgement> early;
  int blocks = 0;
  for (; blocks < 12 && !early; ++blocks) early = judge.add(block(-0.05, blocks < 6 ? 1.0 : 1.5), false);
  ASSERT_TRUE(early);
  EXPECT_EQ(early->verdict, Verdict::invalid);
  EXPECT_LE(blocks, 8);
}

TEST(Judge, LearnsNothingIfTheControlShiftedBeforeAnythingWasTried) {
  Judge judge(kJudgedGuards);
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(judge.add_lead(1));
  EXPECT_FALSE(judge.add_lead(1.5));
  EXPECT_EQ(judge.add_lead(1.5)->verdict, Verdict::invalid);
}

TEST(Judge, SaysNothingOfTooLittle) {
  Judge judge(kJudgedGuards);
  for (int i = 0; i < 12; ++i) judge.add(i < 8 ? std::optional(block(-0.5)) : std::nullopt, false);
  EXPECT_EQ(judge.conclude().verdict, Verdict::too_few);
  EXPECT_EQ(Judge(kJudgedGuards).conclude().verdict, Verdict::too_few);
}

/// How often 12 noisy blocks with that true change are kept.
double kept_share(double change, double noise) {
  std::mt19937_64 random(12);
  constexpr int kTrials = 4000;
  int kept = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::normal_distribution<double> off(0, noise);
    Judge judge(kJudgedGuards);
    bool over = false;
    for (int i = 0; i < 12 && !over; ++i) over = judge.add(block(change + off(random)), false).has_value();
    kept += !over && judge.conclude().verdict == Verdict::keep;
  }
  return kept / double{kTrials};
}

TEST(Judge, KeepsOnePlaceboInFortyAndNothingHarmful) {
  EXPECT_LE(kept_share(0, 0.05), 0.03);
  EXPECT_LE(kept_share(0.03, 0.05), 0.001);
}

TEST(Judge, HasThePowerToFindAThreePercentGain) {
  EXPECT_GE(kept_share(-0.03, 0.03), 0.85);
  EXPECT_GE(kept_share(-0.06, 0.05), 0.9);
}

}  // namespace
}  // namespace tableforge::tuner
