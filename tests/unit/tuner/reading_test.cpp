#include "tableforge/tuner/reading.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

constexpr std::array kGuards{kLatencyGuard, kErrorGuard};

SideReading side(double cost_per_request, double p99 = 10, double errors = 0, double requests = 1000) {
  return {{.requests = requests, .db_ms = cost_per_request * requests}, {p99, errors}};
}

std::optional<PairedBlock> pair(std::initializer_list<Reading> readings, double requests_min = 100) {
  return pair_readings(std::span(readings.begin(), readings.size()), {}, kGuards, requests_min);
}

TEST(Objective, PricesEveryKindOfCostPerThousandRequests) {
  Weights const weights{.cpu_ms = 2, .db_ms = 3, .stale_read = 5, .slo_excess_ms = 7, .held_mib_s = 11};
  Cost const cost{.requests = 500, .cpu_ms = 1, .db_ms = 1, .stale_reads = 1, .slo_excess_ms = 1, .held_mib_s = 1};
  EXPECT_DOUBLE_EQ(objective(cost, weights), 2 * (2 + 3 + 5 + 7 + 11));
  EXPECT_EQ(objective({}, weights), 0);
}

TEST(Reading, CancelsWhatIsInTheCohorts) {
  // One cohort costs three times the other with the same value; the new value costs a tenth less on both.
  auto const block = pair({{side(3), side(0.9)}, {side(1), side(2.7)}});
  ASSERT_TRUE(block);
  EXPECT_NEAR(block->log_ratio, std::log(0.9), 1e-12);
  EXPECT_NEAR(block->control_level, (std::log(3000) + std::log(1000)) / 2, 1e-12);
}

TEST(Reading, TakesOffWhatTheCohortsDifferedByBefore) {
  Reading lead{side(3, 10), side(1, 20)};
  lead.lead = true;
  auto const block = pair({lead, {side(6, 10), side(1.8, 22)}});
  ASSERT_TRUE(block);
  EXPECT_NEAR(block->log_ratio, std::log(0.9), 1e-12);
  EXPECT_NEAR(block->guards[0], std::log(1.1), 1e-12);
  EXPECT_NEAR(block->control_level, std::log(6000), 1e-12);
}

TEST(Reading, PairsOneValueAfterTheOther) {
  auto const block = pair({{side(2), {}}, {{}, side(1)}});
  ASSERT_TRUE(block);
  EXPECT_NEAR(block->log_ratio, std::log(0.5), 1e-12);
}

TEST(Reading, DividesByWhatTheTrialCannotTouch) {
  Cost const slow{.requests = 1000, .db_ms = 4000};
  Cost const quick{.requests = 1000, .db_ms = 2000};
  // All became twice as quick in the meantime, and what was tried did no more than that.
  auto const block = pair({{side(2), {}, slow}, {{}, side(1), quick}});
  ASSERT_TRUE(block);
  EXPECT_NEAR(block->log_ratio, 0, 1e-12);
}

TEST(Reading, ComparesGuardsByTheirKind) {
  auto const block = pair({{side(1, 10, 0.001), side(1, 12, 0.003)}, {side(1, 10, 0.001), side(1, 12, 0.002)}});
  ASSERT_TRUE(block);
  EXPECT_NEAR(block->guards[0], std::log(1.2), 1e-12);
  EXPECT_NEAR(block->guards[1], 0.0015, 1e-12);
}

TEST(Reading, TakesNothingOnBothSidesForNoChangeAndKeepsWhatIsUnknown) {
  EXPECT_EQ(pair({{side(1, 0), side(1, 0)}})->guards[0], 0);
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(pair({{side(1, kUnknown), side(1, 3)}})->guards[0]));
}

TEST(Reading, SaysNothingOfTooLittle) {
  EXPECT_FALSE(pair({{side(1), side(1, 10, 0, 99)}}));
  EXPECT_FALSE(pair({{side(1), side(0)}}));
  EXPECT_FALSE(pair({{side(1), {}}}));
  EXPECT_FALSE(pair({}));
}

}  // namespace
}  // namespace tableforge::tuner
