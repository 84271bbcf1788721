#include "tableforge/load/replay.hpp"

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/private_servers.hpp"
#include "support/process.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using load::RecordedGame;

/// Recorded games through the real server, by real connections that are cut and repeat themselves.
class ReplayTest : public testing::Test {
 protected:
  void play(RecordedGame game, std::filesystem::path const &file, std::size_t tables,
            std::optional<std::filesystem::path> record = std::nullopt) {
    auto const report = load::run_replay({.url = server.ws_url(),
                                          .game = game,
                                          .file = file,
                                          .tables = tables,
                                          .games_max = {},
                                          .seed = {},
                                          .record = record,
                                          .progress = false});
    std::printf("%s\n", load::summary(report).c_str());
    EXPECT_EQ(report.leaks, 0U);
    EXPECT_EQ(report.mismatches, 0U);
    EXPECT_EQ(report.games_finished, report.games);
    EXPECT_TRUE(report.passed()) << (report.findings.empty() ? "" : report.findings.front());
  }

  /// Of the games that were played, the log tells neither a card nor what would let somebody in.
  void expect_silence_about_secrets() {
    auto const made = nlohmann::json::parse(server.post("/v1/players", "", R"({"name":"Ada"})").body);
    std::string const token = made.at("token");
    std::string key;
    std::string operators;
    std::ifstream(directory.path() / "token-key") >> key;
    std::ifstream(directory.path() / "admin-token") >> operators;
    ASSERT_FALSE(key.empty() || operators.empty());
    server.await_line("a request was served");
    EXPECT_EQ(server.terminate(), 0);
    std::regex const face(R"(\b[2-9TJQKA][cdhs]\b)");
    std::istringstream lines(server.output());
    std::size_t requests = 0;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with('{')) continue;
      auto const entry = nlohmann::json::parse(line);
      if (entry.contains("request")) ++requests;
      EXPECT_FALSE(std::regex_search(line, face)) << line;
      for (auto const &secret : {token, key, operators}) EXPECT_FALSE(line.contains(secret)) << line;
    }
    EXPECT_GT(requests, 10u);
  }

  static std::filesystem::path data(char const *file) {
    return std::filesystem::path(TABLEFORGE_SOURCE_DIR) / "tests/data" / file;
  }

  ScratchDirectory directory;
  ServeProcess server{{.database_url = migrated_database(),
                       .run_dir = directory.path(),
                       .redis_url = "none",
                       .more = {"--log-json", "--log-level=debug"}}};
};

TEST_F(ReplayTest, EveryFrameOfARecordedGameFollowsThePublishedSchemas) {
  server.await_serving();
  auto const record = directory.path() / "frames";
  std::filesystem::create_directory(record);
  play(RecordedGame::poker, data("poker-hands.jsonl"), 2, record);
  play(RecordedGame::chess, data("chess-games.jsonl"), 1, record);
  auto const validated = run({"node", TABLEFORGE_SOURCE_DIR "/tests/schema/validate_frames.mjs", record.string()});
  EXPECT_EQ(validated.exit_code, 0) << validated.output;
  expect_silence_about_secrets();
}

/// The games of the acceptance folder: 236 hands of poker and 8 games of chess.
class AcceptanceTest : public ReplayTest {
 protected:
  void SetUp() override {
    char const *folder = std::getenv("TABLEFORGE_ACCEPTANCE_DIR");
    if (folder == nullptr) GTEST_SKIP() << "TABLEFORGE_ACCEPTANCE_DIR is not set: there are no recorded games";
    acceptance = folder;
    server.await_serving();
  }
  std::filesystem::path acceptance;
};

TEST_F(AcceptanceTest, PokerOnOneTable) { play(RecordedGame::poker, acceptance / "poker-hands.jsonl", 1); }
TEST_F(AcceptanceTest, PokerOnFiftyTables) { play(RecordedGame::poker, acceptance / "poker-hands.jsonl", 50); }
TEST_F(AcceptanceTest, ChessOnOneTable) { play(RecordedGame::chess, acceptance / "chess-games.jsonl", 1); }
TEST_F(AcceptanceTest, ChessOnFiftyTables) { play(RecordedGame::chess, acceptance / "chess-games.jsonl", 50); }

}  // namespace
}  // namespace tableforge::test
