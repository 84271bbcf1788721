#include "load/bottleneck.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tableforge::load {
namespace {

using namespace std::chrono_literals;
using Kind = Bottleneck::Kind;
using testing::HasSubstr;

/// Carried with ease, on a machine of four cores.
LoadStage easy() {
  LoadStage stage;
  stage.actions_sent = 1'000;
  stage.actions_accepted = 1'000;
  stage.ack.p50 = 300us;
  stage.server = ProcessUse{.cores = 0.4, .resident_bytes = 1, .busiest_cores = 0.3, .busiest = "tf-shard-0"};
  stage.database = ProcessUse{.cores = 0.3, .resident_bytes = 1, .busiest_cores = 0.2, .busiest = "postgres"};
  stage.generator = {.cores = 0.5, .resident_bytes = 1};
  return stage;
}

TEST(Bottleneck, IsNoneWhereNothingIsFull) {
  auto const found = bottleneck_of(easy(), 4);
  EXPECT_EQ(found.kind, Kind::none);
  EXPECT_THAT(found.words, HasSubstr("server 0.4 cores, PostgreSQL 0.3 cores, generator 0.5 cores"));
}

TEST(Bottleneck, IsTheGeneratorBeforeAllElse) {
  auto stage = easy();
  stage.generator.cores = 0.97;
  stage.server->busiest_cores = 0.99;
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::generator);
}

TEST(Bottleneck, IsTheMachineWhenItsCoresAreFullTogether) {
  auto stage = easy();
  stage.server->cores = 0.9;
  stage.database->cores = 0.5;
  EXPECT_EQ(bottleneck_of(stage, 2).kind, Kind::machine);
  EXPECT_THAT(bottleneck_of(stage, 2).words, HasSubstr("most of it by the server"));
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::none);
}

TEST(Bottleneck, NamesTheFullThreadAndTheSettingThatHelps) {
  auto stage = easy();
  stage.server->busiest_cores = 0.92;
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::server);
  EXPECT_THAT(bottleneck_of(stage, 4).words, HasSubstr("tf-shard-0"));
  EXPECT_THAT(bottleneck_of(stage, 4).advice, HasSubstr("io_threads"));
  stage.server->busiest = "journal-0";
  EXPECT_THAT(bottleneck_of(stage, 4).advice, HasSubstr("journal_writers"));
}

TEST(Bottleneck, IsPostgresWhenOneOfItsProcessesIsFull) {
  auto stage = easy();
  stage.database->busiest_cores = 0.9;
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::database);
}

TEST(Bottleneck, IsTheWaitForCommitsWhenNoCpuIsFullAndTheLoadIsNotCarried) {
  auto stage = easy();
  stage.ack.p50 = 200ms;
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::commits);
  stage = easy();
  stage.actions_accepted = 500;
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::commits);
}

TEST(Bottleneck, IsOtherWorkWhenTheGeneratorWithTimeToSpareIsLateToo) {
  auto stage = easy();
  stage.late = {.count = 1'000, .p99 = 40ms};
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::none);
  stage.ack.p50 = 200ms;
  EXPECT_EQ(bottleneck_of(stage, 4).kind, Kind::neighbours);
  EXPECT_THAT(bottleneck_of(stage, 4).words, HasSubstr("40 ms late"));
}

TEST(Bottleneck, DoesWithoutReadings) {
  auto stage = easy();
  stage.server.reset();
  stage.database.reset();
  auto const found = bottleneck_of(stage, 2);
  EXPECT_EQ(found.kind, Kind::none);
  EXPECT_EQ(found.words, "nothing was full (generator 0.5 cores)");
}

}  // namespace
}  // namespace tableforge::load
