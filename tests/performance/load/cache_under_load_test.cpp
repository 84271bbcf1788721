#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "load/bottleneck.hpp"
#include "load/fine_histogram.hpp"
#include "load/quantity.hpp"
#include "performance/load/judgement.hpp"
#include "performance/load/measured_server.hpp"
#include "performance/load/reports.hpp"
#include "performance/support/machine.hpp"
#include "performance/support/reader.hpp"
#include "support/private_servers.hpp"

namespace tableforge::test::cache_under_load {
namespace {

using namespace std::chrono_literals;

// Tables with a history that nobody is at: half are read, half are joined.
constexpr std::size_t kResting = 240;
constexpr std::size_t kPageTables = 10;
constexpr std::size_t kPlayingTables = 50;
constexpr std::size_t kPlayers = 6;
constexpr double kPlayingRate = 1'500;
constexpr auto kPlayAlone = 5s;
// Long enough for every look below on a machine several times slower, and the test tells if it was not.
constexpr auto kPlayWatched = 20s;
constexpr auto kGatheringLimit = 60s;

// Bars, each a ratio within the run.
constexpr double kWarmTableMax = 1.0;  // Median of a warm read or join of a table, to that of a cold one.
constexpr double kWarmLobbyMax = 1.5;  // Of a lobby page: its cold read asks one indexed page of the database.
constexpr double kPlayMax = 5;         // Median of an action while others read, to that without them.

/// What a reader sees and how long it takes.
struct Looks {
  load::FineHistogram lobby_cold, lobby_warm, table_cold, table_warm, join_cold, join_warm;
  std::vector<std::string> disorders;  ///< A table that was seen at an earlier seq than before.
};

double ratio(load::LatencyQuantiles const &warm, load::LatencyQuantiles const &cold) {
  return static_cast<double>(warm.p50.count()) / static_cast<double>(cold.p50.count());
}

class CacheUnderLoad : public testing::Test {
 protected:
  /// Leaves tables with some history behind, and tells their ids.
  std::vector<std::string> play_tables_to_rest(load::LoadReport &report) {
    load::LoadOptions options;
    options.tables = kResting;
    options.players = 2;
    options.rate = 3'000;
    options.duration = 3s;
    auto run = server_.run(options);
    if (!run.stages.empty()) run.stages.front().name = "tables that will rest";
    append(report, std::move(run), "tables that will rest");
    std::vector<std::string> ids;
    Reader reader(endpoint(), "Librarian");
    for (std::optional<std::string> after;;) {
      auto const page = reader.read_lobby(200, after);
      ids.insert(ids.end(), page.tables.begin(), page.tables.end());
      if (!(after = page.after)) return ids;
    }
  }

  load::LoadReport play(std::chrono::seconds duration, std::string const &name) const {
    load::LoadOptions options;
    options.tables = kPlayingTables;
    options.players = kPlayers;
    options.rate = kPlayingRate;
    options.duration = duration;
    auto run = server_.run(options);
    if (!run.stages.empty()) run.stages.front().name = name;
    return run;
  }

  /// Reads and joins, each first cold and then warm, while the tables play.
  Looks look(std::vector<std::string> const &resting) const {
    Looks looks;
    Reader reader(endpoint(), "Visitor");
    std::vector<std::optional<std::string>> begins{std::nullopt};
    std::set<std::string> listed;
    while (begins.back() || begins.size() == 1) {
      auto const page = reader.read_lobby(kPageTables, begins.back());
      looks.lobby_cold.record(page.took.count());
      listed.insert(page.tables.begin(), page.tables.end());
      begins.push_back(page.after);
    }
    begins.pop_back();
    for (std::string const &id : resting) {
      if (!listed.contains(id)) looks.disorders.push_back("the lobby does not list table " + id);
    }
    for (auto const &after : begins) looks.lobby_warm.record(reader.read_lobby(kPageTables, after).took.count());

    // Cold and warm right after each other, so that a moment in which the machine is busy strikes both.
    for (std::size_t i = 0; i < resting.size(); ++i) {
      bool const by_join = i % 2 == 1;
      auto const see = [&] { return by_join ? reader.join(resting[i]) : reader.read_table(resting[i]); };
      auto const cold = see();
      auto const warm = see();
      (by_join ? looks.join_cold : looks.table_cold).record(cold.took.count());
      (by_join ? looks.join_warm : looks.table_warm).record(warm.took.count());
      if (warm.seq < cold.seq) looks.disorders.push_back("table " + resting[i] + " went back in its history");
    }
    return looks;
  }

  [[nodiscard]] load::Endpoint endpoint() const { return {.host = "127.0.0.1", .port = server_.serve().port()}; }

  /// Until all connections of the load are there. False if they do not come.
  [[nodiscard]] bool await_gathering() const {
    auto const give_up = std::chrono::steady_clock::now() + kGatheringLimit;
    while (server_.metric("tableforge_connections_open") < static_cast<double>(kPlayingTables * kPlayers)) {
      if (std::chrono::steady_clock::now() >= give_up) return false;
      std::this_thread::sleep_for(50ms);
    }
    return true;
  }

  MeasuredServer server_{std::max(1U, machine_cores() - 1)};
};

TEST_F(CacheUnderLoad, AnswersWarmReadsAndJoinsNoSlowerThanColdOnes) {
  TABLEFORGE_MEASURES_RELEASE_ONLY();
  load::LoadReport report;
  report.title = "Cache under load";
  report.plan =
      "240 tables at rest are read and joined, cold and warm, and the lobby is paged through, while 50 tables "
      "of 6 players play; " +
      load::LoadMix{}.words();
  auto const resting = play_tables_to_rest(report);
  server_.restart();
  PrivateServers::shared().kill_redis();
  PrivateServers::shared().start_redis();
  append(report, play(kPlayAlone, "play alone"), "play alone");

  std::atomic<bool> playing = true;
  load::LoadReport watched;
  std::thread player([&] {
    watched = play(kPlayWatched, "play while others read");
    playing = false;
  });
  bool const gathered = await_gathering();
  Looks looks;
  std::string trouble;
  if (gathered) {
    try {
      looks = look(resting);
    } catch (std::exception const &error) {
      trouble = error.what();
    }
  }
  bool const in_time = playing;
  player.join();
  append(report, std::move(watched), "play while others read");

  auto const time = [&](std::string name, load::FineHistogram const &histogram) {
    report.timings.push_back({.name = std::move(name), .latency = histogram.quantiles()});
    return report.timings.back().latency;
  };
  auto const lobby_cold = time("lobby page, cold", looks.lobby_cold);
  auto const lobby_warm = time("lobby page, warm", looks.lobby_warm);
  auto const table_cold = time("read of a table, cold", looks.table_cold);
  auto const table_warm = time("read of a table, warm", looks.table_warm);
  auto const join_cold = time("join, cold", looks.join_cold);
  auto const join_warm = time("join, warm", looks.join_warm);
  auto const compare = [&](std::string const &what, load::LatencyQuantiles const &cold,
                           load::LatencyQuantiles const &warm) {
    report.findings.push_back(what + ": cold p50 " + load::duration_words(cold.p50) + ", p99 " +
                              load::duration_words(cold.p99) + "; warm p50 " + load::duration_words(warm.p50) +
                              ", p99 " + load::duration_words(warm.p99) + ", which is " +
                              load::number_words(ratio(warm, cold)) + " times the cold p50");
  };
  compare("lobby page", lobby_cold, lobby_warm);
  compare("read of a table", table_cold, table_warm);
  compare("join", join_cold, join_warm);
  if (report.stages.size() == 3) {
    auto const limit = load::bottleneck_of(report.stages[2], machine_cores());
    report.findings.push_back("while others read: " + limit.words +
                              (limit.kind == load::Bottleneck::Kind::none ? "" : "; to go further, " + limit.advice));
  }
  if (!trouble.empty()) report.failures.push_back(trouble);
  report.failures.insert(report.failures.end(), looks.disorders.begin(), looks.disorders.end());
  leave_report(report, report_folder(), "cache-under-load");

  EXPECT_TRUE(report.passed());
  ASSERT_TRUE(gathered) << "the players did not come to their tables";
  ASSERT_TRUE(in_time) << "the reads took longer than the play, so they were not all under load";
  ASSERT_EQ(report.stages.size(), 3U);
  for (auto const &stage : report.stages) EXPECT_EQ(stage.connections_lost, 0U) << stage.name;
  EXPECT_EQ(resting.size(), kResting);
  EXPECT_LE(ratio(table_warm, table_cold), kWarmTableMax) << "a read is not helped by the table being open";
  EXPECT_LE(ratio(join_warm, join_cold), kWarmTableMax) << "a join is not helped by the table being open";
  EXPECT_LE(ratio(lobby_warm, lobby_cold), kWarmLobbyMax);
  EXPECT_LE(ratio(report.stages[2].ack, report.stages[1].ack), kPlayMax) << "those who read slow down those who play";
}

}  // namespace
}  // namespace tableforge::test::cache_under_load
