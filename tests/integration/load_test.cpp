#include "tableforge/load/load.hpp"

#include <algorithm>
#include <cstdio>

#include <gtest/gtest.h>

#include "support/private_servers.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

/// The load generator against the real server: what it counts must come out even.
class LoadTest : public testing::Test {
 protected:
  load::LoadOptions options() const {
    load::LoadOptions options;
    options.url = server.ws_url();
    options.tables = 4;
    options.players = 3;
    options.rate = 300;
    options.duration = std::chrono::seconds(2);
    options.sample = 1;
    options.server_pid = server.pid();
    options.progress = false;
    return options;
  }

  static load::LoadReport run(load::LoadOptions const &options) {
    auto report = load::run_load(options);
    std::printf("%s\n", load::summary(report).c_str());
    return report;
  }

  void SetUp() override { server.await_serving(); }

  ScratchDirectory directory;
  ServeProcess server{{.database_url = migrated_database(), .run_dir = directory.path(), .redis_url = "none"}};
};

TEST_F(LoadTest, EverybodyAtATableReceivesWhateverWasAccepted) {
  auto wanted = options();
  wanted.spectators = 1;
  auto const report = run(wanted);
  EXPECT_TRUE(report.passed());
  ASSERT_EQ(report.stages.size(), 1U);
  auto const &stage = report.stages.front();
  EXPECT_EQ(stage.connections, 16U);
  EXPECT_NEAR(static_cast<double>(stage.actions_sent + stage.presence_sent), 600, 2);
  EXPECT_GT(stage.actions_accepted, 0U);
  EXPECT_EQ(stage.actions_accepted, stage.actions_sent);
  EXPECT_EQ(stage.deliveries, 4 * stage.actions_accepted);
  EXPECT_EQ(stage.presence_deliveries + stage.presence_coalesced, 3 * stage.presence_sent);
  EXPECT_EQ(stage.ack.count, stage.actions_accepted);
  EXPECT_EQ(stage.receipt.count, 3 * stage.actions_accepted);
  EXPECT_GT(stage.ack.p50.count(), 0);
  ASSERT_TRUE(stage.server);
  EXPECT_GT(stage.server->cores, 0);
}

TEST_F(LoadTest, ConnectionsThatAreCutMissNothing) {
  auto wanted = options();
  wanted.churn = 10;
  wanted.slow_readers = 1;
  auto const report = run(wanted);
  EXPECT_TRUE(report.passed());
  ASSERT_FALSE(report.stages.empty());
  EXPECT_EQ(report.stages.front().connections_lost, 0U);
}

TEST_F(LoadTest, WhoReadsTooSlowlyIsShownTheStateOfNowAndMissesNothing) {
  ServeProcess narrow({.database_url = migrated_database(),
                       .run_dir = directory.path() / "narrow",
                       .redis_url = "none",
                       .more = {"--knob", "outbox_bytes_max=16384,outbox_soft_bytes=4096"}});
  narrow.await_serving();
  auto wanted = options();
  wanted.url = narrow.ws_url();
  wanted.server_pid = narrow.pid();
  wanted.tables = 1;
  wanted.slow_readers = 1;
  wanted.mix = *load::parse_mix("chat=1");
  wanted.rate = 250;
  wanted.duration = std::chrono::seconds(12);
  auto const report = run(wanted);
  EXPECT_TRUE(report.passed());
  ASSERT_EQ(report.stages.size(), 1U);
  EXPECT_GE(report.stages.front().resyncs, 1U);
  EXPECT_EQ(report.stages.front().connections_lost, 0U);
  EXPECT_EQ(report.stages.front().actions_accepted, report.stages.front().actions_sent);
}

TEST_F(LoadTest, ARampHasAStageForEachOfItsSteps) {
  auto wanted = options();
  wanted.ramp = load::LoadRamp{.from = 100, .to = 300, .steps = 2};
  auto const report = run(wanted);
  EXPECT_TRUE(report.passed());
  ASSERT_EQ(report.stages.size(), 2U);
  EXPECT_GT(report.stages[1].actions_sent + report.stages[1].presence_sent,
            2 * (report.stages[0].actions_sent + report.stages[0].presence_sent));
}

TEST_F(LoadTest, ASearchEndsAtARateThatHeld) {
  auto wanted = options();
  wanted.mix = {.move = 1, .draw = 0, .dice = 0, .chat = 0, .presence = 0};
  wanted.rate = 50;
  wanted.saturate = std::chrono::seconds(10);
  wanted.saturate_step = std::chrono::milliseconds(500);
  wanted.deadline = std::chrono::seconds(10);
  auto const report = run(wanted);
  EXPECT_TRUE(report.passed());
  ASSERT_TRUE(report.saturation_per_second);
  EXPECT_GE(*report.saturation_per_second, 50);
}

TEST_F(LoadTest, AServerThatDiesIsAFailure) {
  auto wanted = options();
  wanted.server_pid.reset();
  wanted.duration = std::chrono::seconds(20);
  wanted.deadline = std::chrono::seconds(2);
  wanted.tables = 1;
  server.kill();
  auto const report = run(wanted);
  EXPECT_FALSE(report.passed());
  EXPECT_FALSE(report.failures.empty());
}

}  // namespace
}  // namespace tableforge::test
