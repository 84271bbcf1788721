#include "performance/load/judgement.hpp"

#include <gtest/gtest.h>

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;

load::LoadStage stage_at(double rate) {
  load::LoadStage stage;
  stage.seconds = 2;
  stage.offered_per_second = rate;
  stage.actions_sent = stage.actions_accepted = static_cast<std::uint64_t>(rate);
  stage.deliveries = static_cast<std::uint64_t>(rate * 6);
  stage.presence_deliveries = static_cast<std::uint64_t>(rate * 4);
  stage.ack.p50 = 300us;
  stage.server = load::ProcessUse{.cores = rate / 10'000, .resident_bytes = 1};
  return stage;
}

TEST(Judgement, FindsTheKneeBeforeTheFirstStageThatWasNotCarried) {
  std::vector<load::LoadStage> stages{stage_at(1'000), stage_at(2'000), stage_at(4'000), stage_at(8'000)};
  EXPECT_EQ(knee_of(stages), 3U);

  auto refusing = stages;
  refusing[2].actions_accepted /= 2;
  EXPECT_EQ(knee_of(refusing), 1U);

  auto dropping = stages;
  dropping[1].presence_coalesced = dropping[1].presence_deliveries;
  EXPECT_EQ(knee_of(dropping), 0U);

  auto queueing = stages;
  queueing[3].ack.p50 = 30ms;
  EXPECT_EQ(knee_of(queueing), 2U);

  stages[0].actions_accepted = 0;
  EXPECT_EQ(knee_of(stages), std::nullopt);
}

TEST(Judgement, CountsCpuPerDeliveryAndKnowsWhenItCannot) {
  auto stage = stage_at(1'000);
  EXPECT_DOUBLE_EQ(*cpu_per_delivery(stage), 0.1 * 2 / 10'000);
  stage.server.reset();
  EXPECT_FALSE(cpu_per_delivery(stage));
}

TEST(Judgement, IsLinearWhereDeliveriesKeepUpWithTheOffer) {
  EXPECT_DOUBLE_EQ(linearity(stage_at(4'000), stage_at(1'000)), 1);
  auto half = stage_at(4'000);
  half.deliveries /= 2;
  half.presence_deliveries /= 2;
  EXPECT_DOUBLE_EQ(linearity(half, stage_at(1'000)), 0.5);
}

std::vector<load::LoadSample> time_line(std::initializer_list<std::chrono::nanoseconds> p99s) {
  std::vector<load::LoadSample> samples;
  for (auto const p99 : p99s) {
    load::LoadSample sample;
    sample.at_seconds = static_cast<double>(samples.size() + 1);
    sample.ack_p99 = p99;
    samples.push_back(sample);
  }
  return samples;
}

TEST(Judgement, SeesWhenTheTimeLineIsBackAndForgivesASingleSecond) {
  // The disturbance fills the fourth second.
  auto const recovery = recovery_of(time_line({2ms, 1ms, 9ms, 80ms, 50ms, 9ms, 2ms, 9ms, 2ms, 2ms, 2ms}), 3, 4, 1.2);
  EXPECT_EQ(recovery.p99_before, 2ms);
  EXPECT_EQ(recovery.seconds, 3);
}

TEST(Judgement, SeesThatItNeverIs) {
  EXPECT_EQ(recovery_of(time_line({2ms, 2ms, 2ms, 80ms, 5ms, 5ms, 5ms, 5ms}), 3, 4, 1.2).seconds, std::nullopt);
}

}  // namespace
}  // namespace tableforge::test
