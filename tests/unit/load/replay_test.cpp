#include "tableforge/load/replay.hpp"

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/load/fake_server.hpp"

namespace tableforge::load {
namespace {

std::filesystem::path data(char const *name) {
  return std::filesystem::path(TABLEFORGE_SOURCE_DIR) / "tests" / "data" / name;
}

ReplayOptions options(FakeServer const &server, RecordedGame game) {
  ReplayOptions options;
  options.url = "ws://127.0.0.1:" + std::to_string(server.port());
  options.game = game;
  options.file = data(game == RecordedGame::poker ? "poker-hands.jsonl" : "chess-games.jsonl");
  options.seed = 1;
  options.progress = false;
  return options;
}

ReplayReport replay_with(Fault fault, RecordedGame game, std::size_t tables = 1) {
  FakeServer const server(fault);
  auto asked = options(server, game);
  asked.tables = tables;
  asked.cut_rate = 0.2;
  asked.repeat_rate = 0.2;
  return run_replay(asked);
}

bool mentions(ReplayReport const &report, std::string_view text) { return summary(report).contains(text); }

TEST(Replay, FindsNothingAtAServerThatDoesRight) {
  for (auto const game : {RecordedGame::poker, RecordedGame::chess}) {
    auto const report = replay_with(Fault::none, game);

    EXPECT_TRUE(report.passed()) << summary(report);
    EXPECT_EQ(report.games_finished, report.games);
    EXPECT_GT(report.cuts, 0u);
    EXPECT_GT(report.repeats, 0u);
    EXPECT_GT(report.resumes_replay, 0u);
    EXPECT_GT(report.resumes_snapshot, 0u);
    EXPECT_GT(report.comparisons, 0u);
  }
}

TEST(Replay, SharesGamesOutAmongTables) {
  auto const report = replay_with(Fault::none, RecordedGame::poker, 3);

  EXPECT_TRUE(report.passed()) << summary(report);
  EXPECT_EQ(report.tables, 3u);
  EXPECT_EQ(report.games_finished, 3u);
}

TEST(Replay, FindsCardsShownToOthers) {
  auto const report = replay_with(Fault::shows_hands, RecordedGame::poker);

  EXPECT_FALSE(report.passed());
  EXPECT_GT(report.leaks, 0u) << summary(report);
}

TEST(Replay, FindsActionsThatTakeEffectTwice) {
  FakeServer const server(Fault::forgets_actions);
  auto asked = options(server, RecordedGame::poker);
  asked.cut_rate = 0;
  asked.repeat_rate = 1;

  auto const report = run_replay(asked);

  EXPECT_FALSE(report.passed());
  EXPECT_GT(report.mismatches, 0u);
  EXPECT_TRUE(mentions(report, "took effect twice")) << summary(report);
}

TEST(Replay, FindsGaps) {
  auto const report = replay_with(Fault::loses_events, RecordedGame::chess);

  EXPECT_FALSE(report.passed());
  EXPECT_GT(report.mismatches, 0u);
  EXPECT_TRUE(mentions(report, "after seq")) << summary(report);
}

TEST(Replay, FindsCountersThatAreOff) {
  auto const report = replay_with(Fault::miscounts, RecordedGame::poker);

  EXPECT_FALSE(report.passed());
  EXPECT_GT(report.mismatches, 0u) << summary(report);
}

TEST(Replay, EndsWithAReasonWhenAnAnswerIsMissing) {
  FakeServer const server(Fault::keeps_silent);
  auto asked = options(server, RecordedGame::poker);
  asked.deadline = std::chrono::milliseconds(200);

  auto const report = run_replay(asked);

  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.games_finished, 0u);
  EXPECT_TRUE(mentions(report, "no answer to chat.whisper came in time")) << summary(report);
}

TEST(Replay, EndsWithAReasonWhenNobodyListens) {
  ReplayOptions asked;
  {
    FakeServer const gone(Fault::none);
    asked = options(gone, RecordedGame::poker);
  }
  asked.deadline = std::chrono::milliseconds(200);

  auto const report = run_replay(asked);

  EXPECT_FALSE(report.passed());
  EXPECT_FALSE(report.findings.empty());
}

TEST(Replay, EndsWithAReasonWhenTheFileCannotBeRead) {
  ReplayOptions asked;
  asked.url = "ws://127.0.0.1:1";
  asked.file = data("there-is-no-such-file");

  auto const report = run_replay(asked);

  EXPECT_FALSE(report.passed());
  EXPECT_TRUE(mentions(report, "cannot read")) << summary(report);
}

TEST(Replay, RecordsEveryFrameWithoutTokens) {
  FakeServer const server(Fault::none);
  auto asked = options(server, RecordedGame::chess);
  auto const folder = std::filesystem::temp_directory_path() / ("tableforge-replay-" + std::to_string(::getpid()));
  asked.record = folder;

  auto const report = run_replay(asked);

  ASSERT_TRUE(report.passed()) << summary(report);
  std::ifstream file(folder / "table-1.jsonl");
  std::size_t received = 0;
  std::size_t hellos = 0;
  for (std::string line; std::getline(file, line);) {
    auto const record = nlohmann::json::parse(line);
    if (record.at("direction") == "received") ++received;
    if (record.at("frame").is_object() && record.at("frame").value("op", "") == "hello") {
      ++hellos;
      EXPECT_EQ(record.at("frame").at("token"), "withheld");
    }
  }
  EXPECT_GE(received, report.deliveries);
  EXPECT_GE(hellos, 4u);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tableforge::load
