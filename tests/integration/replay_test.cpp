#include "tableforge/load/replay.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

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

  static std::filesystem::path data(char const *file) {
    return std::filesystem::path(TABLEFORGE_SOURCE_DIR) / "tests/data" / file;
  }

  ScratchDirectory directory;
  ServeProcess server{{.database_url = migrated_database(), .run_dir = directory.path(), .redis_url = "none"}};
};

TEST_F(ReplayTest, EveryFrameOfARecordedGameFollowsThePublishedSchemas) {
  server.await_serving();
  auto const record = directory.path() / "frames";
  std::filesystem::create_directory(record);
  play(RecordedGame::poker, data("poker-hands.jsonl"), 2, record);
  play(RecordedGame::chess, data("chess-games.jsonl"), 1, record);
  auto const validated = run({"node", TABLEFORGE_SOURCE_DIR "/tests/schema/validate_frames.mjs", record.string()});
  EXPECT_EQ(validated.exit_code, 0) << validated.output;
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
