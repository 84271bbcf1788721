#include "load/load_plan.hpp"

#include <gtest/gtest.h>

namespace tableforge::load {
namespace {

TEST(LoadPlan, ReadsAMixAndNamesWhatIsInIt) {
  auto const mix = parse_mix("move=3,presence=1");
  ASSERT_TRUE(mix);
  EXPECT_EQ(mix->move, 3);
  EXPECT_EQ(mix->dice, 0);
  EXPECT_EQ(mix->words(), "move 75 %, presence 25 %");
}

TEST(LoadPlan, RefusesWhatIsNoMix) {
  for (auto const *text : {"", "move", "move=", "move=x", "move=-1", "move=1,walk=2", "move=0", "move=inf"}) {
    EXPECT_FALSE(parse_mix(text)) << text;
  }
}

TEST(LoadPlan, RefusesWhatIsNoRampOrSpike) {
  for (auto const *text : {"", "1", "1:2", "1:2:1", "1:2:x", "1:2:2.5", ":2:3", "1:2:3:4"}) {
    EXPECT_FALSE(parse_ramp(text)) << text;
  }
  for (auto const *text : {"", "3", "3@", "@3", "0@3", "x@3"}) EXPECT_FALSE(parse_spike(text)) << text;
}

TEST(LoadPlan, ClimbsARampInEqualStepsFromTheOneToTheOther) {
  LoadOptions options;
  options.ramp = parse_ramp("100:300:3");
  options.duration = std::chrono::seconds(9);
  auto const phases = phases_of(options);
  ASSERT_EQ(phases.size(), 3U);
  EXPECT_EQ(phases[0].rate, 100);
  EXPECT_EQ(phases[1].rate, 200);
  EXPECT_EQ(phases[2].rate, 300);
  EXPECT_EQ(phases[2].seconds, 3);
}

TEST(LoadPlan, CutsTheSpikeOutOfThePhasesThatItFallsInto) {
  LoadOptions options;
  options.rate = 100;
  options.duration = std::chrono::seconds(10);
  options.spike = parse_spike("10@4");
  auto const phases = phases_of(options);
  ASSERT_EQ(phases.size(), 3U);
  EXPECT_EQ(phases[0].seconds, 4);
  EXPECT_EQ(phases[1].seconds, 1);
  EXPECT_EQ(phases[1].rate, 1'000);
  EXPECT_EQ(phases[2].seconds, 5);
  EXPECT_EQ(phases[2].rate, 100);

  options.ramp = parse_ramp("100:200:2");
  options.spike = parse_spike("2@4.5");
  auto const across = phases_of(options);
  ASSERT_EQ(across.size(), 4U);
  EXPECT_EQ(across[1].rate, 200);
  EXPECT_EQ(across[2].rate, 400);
}

}  // namespace
}  // namespace tableforge::load
