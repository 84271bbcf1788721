#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "gateway_peer.hpp"
#include "support/holds_soon.hpp"
#include "support/private_servers.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// One of the counters or gauges of /metrics; 0 for one that is not there.
double metric(ServeProcess const &server, std::string const &name) {
  std::string const text = "\n" + server.admin("/metrics").body;
  auto const at = text.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
}

/// What is read through the cache: by several instances on one database, with a Redis that comes and goes, and without.
class ReadPath : public testing::Test {
 protected:
  struct Table {
    std::string id;
    std::string token;
  };

  /// Another instance. None of what is cached ends by itself while a test runs.
  ServeProcess &serve(bool with_redis, std::vector<std::string> more = {}) {
    directories_.push_back(std::make_unique<ScratchDirectory>());
    more.push_back("--secret=" + std::string(32, 's'));
    more.push_back("--cache-namespace=" + name_space_);
    more.push_back("--knob=cache_lobby_page_ttl_ms=3600000,cache_lobby_page_early_refresh_beta=0");
    more.push_back("--knob=session_actions_burst=10000");
    servers_.push_back(std::make_unique<ServeProcess>(
        ServeProcess::Options{.database_url = database_,
                              .run_dir = directories_.back()->path(),
                              .redis_url = with_redis ? PrivateServers::shared().redis_url() : "none",
                              .more = std::move(more)}));
    auto &server = servers_.back()->await_serving();
    // Two shards, each of which hears for itself: of changes and of tables.
    EXPECT_TRUE(!with_redis || holds_soon([&] { return metric(server, "tableforge_redis_subscribed") == 4; }));
    return server;
  }

  static Table make_table(ServeProcess const &server, std::string const &name) {
    auto const player = server.post("/v1/players", "", R"({"name":"Ada"})");
    Table table{.id = {}, .token = Json::parse(player.body).at("token")};
    auto const made = server.post("/v1/tables", table.token,
                                  Json{{"name", name}, {"system", "cards-52"}, {"visibility", "public"}}.dump());
    EXPECT_EQ(made.status, 201) << made.body;
    table.id = Json::parse(made.body).at("id");
    return table;
  }
  static Peer joined(ServeProcess const &server, Table const &table, std::string const &client) {
    Peer peer(server.port());
    peer.upgrade(table.id);
    peer.hello(table.token, client);
    EXPECT_FALSE(peer.await("welcome").is_null());
    return peer;
  }
  /// Plays until the table has had so many events.
  static void play(ServeProcess const &server, Table const &table, int first, int last) {
    auto peer = joined(server, table, "c" + std::to_string(first));
    for (int seq = first; seq <= last; ++seq) {
      peer.text({{"op", "chat.say"}, {"id", std::to_string(seq)}, {"data", {{"text", "line " + std::to_string(seq)}}}});
      Json const said = peer.await("chat.said");
      ASSERT_EQ(said.at("seq"), seq) << said;
    }
  }
  /// Its first pages, as connections find them on whichever shard takes them.
  static std::vector<std::string> first_pages(ServeProcess const &server) {
    std::vector<std::string> pages;
    for (int i = 0; i < 12; ++i) pages.push_back(server.get("/v1/tables").body);
    return pages;
  }
  static bool on_all(std::vector<std::string> const &pages, std::string const &text) {
    return std::ranges::all_of(pages, [&](auto const &page) { return page.find(text) != std::string::npos; });
  }
  static std::string hits(std::string const &cls, std::string const &level) {
    return "tableforge_cache_hits_total{class=\"" + cls + "\",level=\"" + level + "\"}";
  }

  std::string database_ = migrated_database();
  // Every test finds a Redis that holds nothing for it.
  std::string name_space_ = "read-path-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
  std::vector<std::unique_ptr<ScratchDirectory>> directories_;
  std::vector<std::unique_ptr<ServeProcess>> servers_;
};

TEST_F(ReadPath, ShowsANewTableOnTheFirstPageOfEveryInstance) {
  auto &here = serve(true);
  auto &there = serve(true);
  first_pages(here);
  first_pages(there);
  ASSERT_GT(metric(there, hits("lobby_page", "l1")), 0) << "there is a page to be old";

  auto const table = make_table(here, "Thursday");

  EXPECT_TRUE(on_all(first_pages(here), table.id));
  EXPECT_TRUE(holds_soon([&] { return on_all(first_pages(there), table.id); }));
}

TEST_F(ReadPath, ShowsANewNameOnTheFirstPageOfEveryInstance) {
  auto &here = serve(true);
  auto &there = serve(true);
  auto const table = make_table(here, "Thursday");
  EXPECT_TRUE(holds_soon([&] { return on_all(first_pages(there), "Thursday"); }));
  EXPECT_TRUE(on_all(first_pages(here), "Thursday"));

  auto owner = joined(here, table, "c");
  owner.text({{"op", "table.configure"}, {"id", "1"}, {"data", {{"name", "Friday"}}}});
  ASSERT_FALSE(owner.await("table.configured").is_null());

  EXPECT_TRUE(holds_soon([&] { return on_all(first_pages(here), "Friday"); }));
  EXPECT_TRUE(holds_soon([&] { return on_all(first_pages(there), "Friday"); }));
}

TEST_F(ReadPath, KeepsNoFirstPageFromBeforeAChangeWithoutRedisEither) {
  auto &server = serve(false);
  first_pages(server);

  auto const table = make_table(server, "Thursday");

  EXPECT_TRUE(on_all(first_pages(server), table.id));
  EXPECT_GT(metric(server, hits("lobby_page", "l1")), 0);
}

TEST_F(ReadPath, ShowsTheSameHistoryWithRedisAndWithoutAndFromMemory) {
  auto &with = serve(true);
  auto const table = make_table(with, "Thursday");
  play(with, table, 2, 230);
  auto &other = serve(true);
  auto &without = serve(false);
  auto const page = [&](ServeProcess const &server, int from, int limit) {
    auto const answer = server.get(
        "/v1/tables/" + table.id + "/history?from=" + std::to_string(from) + "&limit=" + std::to_string(limit),
        table.token);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  };

  for (int const from : {1, 50, 100, 101, 199, 201, 230, 231}) {
    for (int const limit : {1, 100, 200}) {
      auto const first = page(without, from, limit);
      std::vector<int> seqs;
      for (auto const &event : Json::parse(first).at("events")) seqs.push_back(event.at("seq"));
      std::vector<int> wanted;
      for (int seq = from; seq < from + limit && seq <= 230; ++seq) wanted.push_back(seq);
      EXPECT_EQ(seqs, wanted) << from << " " << limit;
      EXPECT_EQ(page(with, from, limit), first) << from << " " << limit;
      EXPECT_EQ(page(other, from, limit), first) << from << " " << limit;
      EXPECT_EQ(page(other, from, limit), first) << from << " " << limit;
    }
  }
  EXPECT_THAT(page(without, 200, 200), HasSubstr("line 230"));
  EXPECT_GT(metric(with, hits("history_page", "l1")), 0);
  EXPECT_GT(metric(other, hits("history_page", "l2")), 0) << "the first instance had read it already";
  EXPECT_EQ(metric(without, hits("history_page", "l2")), 0);
}

TEST_F(ReadPath, JoinsATableThatWasUnloadedAsItWas) {
  auto &here = serve(true, {"--knob=table_idle_unload_ms=1000"});
  auto &there = serve(true);
  auto const table = make_table(here, "Thursday");
  play(here, table, 2, 60);
  ASSERT_TRUE(holds_soon([&] { return metric(here, "tableforge_connections_open") == 0; }));
  auto const before = here.get("/v1/tables/" + table.id, table.token).body;
  ASSERT_TRUE(holds_soon([&] { return metric(here, "tableforge_tables_open") == 0; }));
  auto const found = metric(here, hits("table_state", "l1"));

  EXPECT_EQ(here.get("/v1/tables/" + table.id, table.token).body, before);
  EXPECT_GT(metric(here, hits("table_state", "l1")), found);
  EXPECT_EQ(there.get("/v1/tables/" + table.id, table.token).body, before);
  EXPECT_EQ(metric(there, hits("table_state", "l2")), 1) << "another instance has it from Redis";

  // What was played meanwhile is in nobody's kept state, and in everybody's answer.
  play(there, table, 61, 70);
  EXPECT_THAT(there.get("/v1/tables/" + table.id, table.token).body, HasSubstr("\"seq\":70"));
}

TEST_F(ReadPath, ShowsNoErrorToAnybodyWhileRedisDiesAndComesBack) {
  auto &servers = PrivateServers::shared();
  auto &server = serve(true, {"--knob=table_idle_unload_ms=1000"});
  auto const table = make_table(server, "Thursday");
  play(server, table, 2, 130);
  std::atomic<bool> ended{false};
  std::atomic<int> answers{0};
  std::vector<std::string> wrong;
  std::thread reader([&] {
    std::vector<std::string> const targets{"/v1/tables", "/v1/tables/" + table.id,
                                           "/v1/tables/" + table.id + "/history?from=1&limit=200"};
    for (std::size_t i = 0; !ended; ++i) {
      auto const &target = targets[i % targets.size()];
      try {
        auto const answer = server.get(target, table.token);
        if (answer.status != 200) wrong.push_back(target + ": " + std::to_string(answer.status) + answer.body);
      } catch (std::exception const &failure) {
        wrong.push_back(target + ": " + failure.what());
      }
      ++answers;
    }
  });
  auto const some_more = [&] { return holds_soon([&, until = answers + 200] { return answers >= until; }, 60s); };

  EXPECT_TRUE(some_more());
  servers.kill_redis();
  EXPECT_TRUE(some_more());
  Table const meanwhile = make_table(server, "Meanwhile");
  EXPECT_TRUE(on_all(first_pages(server), meanwhile.id)) << "what is changed here is seen here, with or without Redis";
  servers.start_redis();
  EXPECT_TRUE(holds_soon([&] { return metric(server, "tableforge_redis_subscribed") == 4; }));
  EXPECT_TRUE(some_more());
  ended = true;
  reader.join();

  EXPECT_THAT(wrong, testing::IsEmpty());
  EXPECT_TRUE(on_all(first_pages(server), meanwhile.id));
}

}  // namespace
}  // namespace tableforge::test
