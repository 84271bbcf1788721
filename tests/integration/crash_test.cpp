#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "integration/crash_player.hpp"
#include "support/private_servers.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;

int rounds_from_environment(char const *name, int otherwise) {
  char const *text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

std::uint64_t seed_from_environment() {
  char const *text = std::getenv("TABLEFORGE_SEED");
  return text == nullptr ? std::random_device{}() : std::strtoull(text, nullptr, 10);
}

/// People who talk without pause at several tables of one server, while it or its database dies under them.
///
/// The rounds come from TABLEFORGE_CRASH_ROUNDS and TABLEFORGE_RESTART_ROUNDS (scripts/crash-test sets them), the
/// moments of death from TABLEFORGE_SEED.
class CrashTest : public testing::Test {
 protected:
  static constexpr int kTables = 8;
  static constexpr int kPlayersPerTable = 4;

  CrashTest() {
    std::printf("seed %llu (TABLEFORGE_SEED)\n", static_cast<unsigned long long>(seed));
    serve();
    std::vector<std::string> tokens;
    for (int i = 0; i < kPlayersPerTable; ++i) {
      auto const answer = server->post("/v1/players", "", Json{{"name", "Player " + std::to_string(i)}}.dump());
      EXPECT_EQ(answer.status, 201U) << answer.body;
      tokens.push_back(Json::parse(answer.body).at("token"));
    }
    for (int t = 0; t < kTables; ++t) {
      auto const answer = server->post(
          "/v1/tables", tokens[0],
          Json{{"name", "Table " + std::to_string(t)}, {"system", "cards-52"}, {"visibility", "public"}}.dump());
      EXPECT_EQ(answer.status, 201U) << answer.body;
      auto const table = Json::parse(answer.body).at("id").get<std::string>();
      auto &seen = witnessed[table];
      for (int i = 0; i < kPlayersPerTable; ++i) {
        players.push_back(std::make_unique<CrashPlayer>(
            context,
            CrashPlayer::Seat{.table = table,
                              .token = tokens[static_cast<std::size_t>(i)],
                              .client = "t" + std::to_string(t) + "p" + std::to_string(i)},
            seen));
      }
    }
    reader = tokens[0];
  }

  void serve() {
    server = std::make_unique<ServeProcess>(
        ServeProcess::Options{.database_url = database_url, .run_dir = directory.path(), .redis_url = "none"});
    server->await_serving();
    for (auto &player : players) player->use({.host = "127.0.0.1", .port = server->port()});
  }

  void begin() {
    for (auto &player : players) {
      player->use({.host = "127.0.0.1", .port = server->port()});
      player->start();
    }
  }

  std::size_t acknowledged() const {
    std::size_t sum = 0;
    for (auto const &player : players) sum += player->acknowledged().size();
    return sum;
  }

  template <class Reached>
  void run_until(Reached const &reached, char const *what) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(90);
    while (!reached()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << what;
      context.run_one_for(std::chrono::milliseconds(50));
    }
  }

  /// Lets play go on until a random number of further actions were acknowledged: a moment in the middle of everything.
  void play_a_while() {
    auto const target = acknowledged() + std::uniform_int_distribution<std::size_t>(300, 1'500)(random);
    run_until([&] { return acknowledged() >= target; }, "play does not go on");
  }

  void finish() {
    for (auto &player : players) player->hush();
    run_until([&] { return std::ranges::all_of(players, [](auto const &player) { return player->quiet(); }); },
              "some action never got its answer");
    for (auto &player : players) player->stop();
    context.run_for(std::chrono::milliseconds(100));
  }

  /// Compares everything that was ever seen or acknowledged with what the database holds.
  void verify() {
    std::size_t lost = 0;
    std::size_t doubled = 0;
    std::size_t held = 0;
    for (auto const &[table, seen] : witnessed) {
      EXPECT_TRUE(seen.contradictions.empty()) << seen.contradictions.front();
      std::map<Seq, std::string> history;
      std::map<std::string, int> times;
      Seq expected = 1;
      Json next = 1;
      while (!next.is_null()) {
        auto const page =
            server->get("/v1/tables/" + table + "/history?limit=200&from=" + std::to_string(next.get<Seq>()), reader);
        ASSERT_EQ(page.status, 200U) << page.body;
        auto const body = Json::parse(page.body);
        for (auto const &event : body.at("events")) {
          ASSERT_EQ(event.at("seq").get<Seq>(), expected++) << "the history has a gap";
          if (event.at("ev") != "chat.said") continue;
          auto const text = event.at("data").at("text").get<std::string>();
          history[event.at("seq")] = text;
          ++times[text];
        }
        next = body.at("next");
      }
      for (auto const &[seq, text] : seen.texts) {
        auto const found = history.find(seq);
        if (found == history.end() || found->second != text) ++lost;
      }
      for (auto const &player : players) {
        if (player->table() != table) continue;
        for (auto const &[text, seq] : player->acknowledged()) {
          auto const found = history.find(seq);
          if (found == history.end() || found->second != text) ++lost;
        }
      }
      for (auto const &[text, count] : times) doubled += static_cast<std::size_t>(count - 1);
      held += history.size();
    }
    std::uint64_t said = 0;
    for (auto const &player : players) {
      said += player->said();
      EXPECT_TRUE(player->failures().empty()) << player->failures().front();
    }
    EXPECT_EQ(held, said) << "every line was brought to its end, so each stands in the history once";
    EXPECT_EQ(lost, 0U);
    EXPECT_EQ(doubled, 0U);
    std::printf("%llu actions, %zu acknowledged, %zu lost, %zu doubled\n", static_cast<unsigned long long>(said),
                acknowledged(), lost, doubled);
  }

  std::uint64_t seed = seed_from_environment();
  std::mt19937_64 random{seed};
  std::string database_url = migrated_database();
  ScratchDirectory directory;
  std::unique_ptr<ServeProcess> server;
  boost::asio::io_context context;
  std::map<std::string, Witnessed> witnessed;
  std::vector<std::unique_ptr<CrashPlayer>> players;
  std::string reader;
};

TEST_F(CrashTest, AKilledServerComesBackWithEverythingThatWasSeen) {
  int const rounds = rounds_from_environment("TABLEFORGE_CRASH_ROUNDS", 5);
  begin();
  for (int round = 1; round <= rounds; ++round) {
    ASSERT_NO_FATAL_FAILURE(play_a_while());
    server->kill();
    ASSERT_NO_THROW(serve());
    std::printf("round %d of %d: killed after %zu acknowledgements\n", round, rounds, acknowledged());
    std::fflush(stdout);
  }
  ASSERT_NO_FATAL_FAILURE(play_a_while());
  ASSERT_NO_FATAL_FAILURE(finish());
  verify();
}

TEST_F(CrashTest, ADatabaseThatCrashesFreezesTablesAndLosesNothing) {
  int const rounds = rounds_from_environment("TABLEFORGE_RESTART_ROUNDS", 5);
  begin();
  for (int round = 1; round <= rounds; ++round) {
    ASSERT_NO_FATAL_FAILURE(play_a_while());
    PrivateServers::shared().restart_postgres(PrivateServers::Stop::immediate);
    std::printf("round %d of %d: database crashed after %zu acknowledgements\n", round, rounds, acknowledged());
    std::fflush(stdout);
  }
  ASSERT_NO_FATAL_FAILURE(play_a_while());
  ASSERT_NO_FATAL_FAILURE(finish());
  verify();
}

}  // namespace
}  // namespace tableforge::test
