#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/gateway/server.hpp"
#include "tableforge/storage/journal_history.hpp"
#include "tableforge/storage/memory_journal.hpp"
#include "tableforge/storage/memory_lobby_stores.hpp"
#include "tableforge/storage/memory_snapshot_store.hpp"

#include "gateway/api_routes.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;

metrics::Vocabulary words_of_api() {
  metrics::Vocabulary words;
  auto const &codes = Words<protocol::ErrorCode>::words;
  words.error_codes.assign(codes.begin(), codes.end());
  for (auto const pattern : gateway::api_patterns()) words.routes.push_back(pattern);
  return words;
}

/// The routes over a pool that does one thing at a time and lets one more wait.
class ApiOverload : public testing::Test {
 protected:
  ApiOverload() {
    gateway::add_api_routes(
        router, {.shards = shards,
                 .tables = {&open_tables},
                 .pool = pool,
                 .verify = [](std::string_view) { return fail(Errc::unauthorized, "nobody"); },
                 .lobby = lobby,
                 .reads = {.tables = [this](auto) { return tables(); }, .tables_changed = {}, .history = {}},
                 .systems = {}});
    server = std::make_unique<gateway::PublicServer>(gateway::PublicServer::Parts{.shards = shards,
                                                                                  .tables = {&open_tables},
                                                                                  .router = router,
                                                                                  .verify = {},
                                                                                  .knobs = knobs,
                                                                                  .metrics = catalogue.gateway,
                                                                                  .host_metrics = catalogue.host,
                                                                                  .address = "127.0.0.1"});
    shards.start();
    if (!server->start()) throw std::runtime_error("the server does not start");
  }
  ~ApiOverload() override {
    release.release(2);
    server->stop_accepting();
    server->stop(std::chrono::seconds(5));
    shards.stop();
    shards.join();
    pool.drain();
    shards[0].adopt_this_thread();
  }

  boost::asio::awaitable<Result<std::shared_ptr<gateway::Reads::Tables const>>> tables() {
    auto const read = []() -> Result<std::shared_ptr<gateway::Reads::Tables const>> {
      return std::make_shared<gateway::Reads::Tables const>();
    };
    co_return co_await pool.run(read, std::chrono::seconds(5));
  }
  /// One job that works until the end, and one that waits behind it.
  void fill_the_pool() {
    std::binary_semaphore begun{0};
    ASSERT_TRUE(pool.try_post([this, &begun] {
      begun.release();
      release.acquire();
    }));
    begun.acquire();
    ASSERT_TRUE(pool.try_post([this] { release.acquire(); }));
  }
  static void expect_overloaded(Answer const &answer) {
    EXPECT_EQ(answer.status, 503) << answer.body;
    Json const error = Json::parse(answer.body).at("error");
    EXPECT_EQ(error.at("code"), "overloaded");
    EXPECT_EQ(error.at("retryable"), true);
    EXPECT_EQ(answer.headers.count("retry-after"), 1U);
  }

  Knobs knobs;
  metrics::Catalogue catalogue{words_of_api(), {}};
  std::counting_semaphore<8> release{0};
  runtime::Shards shards{1, catalogue.runtime};
  storage::MemoryPlayerStore players;
  storage::MemoryTableDirectory directory;
  storage::MemoryInvitationStore invitations;
  storage::MemoryJournal journal;
  storage::JournalHistory history{journal};
  lobby::Tokens tokens{std::string(32, 's'), catalogue.lobby};
  lobby::Lobby lobby{{players, directory, invitations, history}, tokens, catalogue.lobby};
  runtime::BlockingPool pool{{.name = "reader", .threads = 1, .queue_max = 1}, catalogue.runtime};
  storage::MemorySnapshotStore snapshots;
  host::OpenTables open_tables{{.shard = shards[0],
                                .pool = pool,
                                .journal = journal,
                                .snapshots = snapshots,
                                .knobs = knobs,
                                .metrics = catalogue.host,
                                .framer = gateway::append_text_frame,
                                .renamed = [](TableId, std::string const &) {}}};
  gateway::Router router;
  std::unique_ptr<gateway::PublicServer> server;
};

TEST_F(ApiOverload, AnswersThatItIsOverloadedWhenThePoolsQueueIsFull) {
  fill_the_pool();

  expect_overloaded(ask(server->port(), "POST", "/v1/players", {}, R"({"name":"Ada"})"));
  expect_overloaded(ask(server->port(), "GET", "/v1/tables"));
}

TEST_F(ApiOverload, ServesAsSoonAsThereIsRoomAgain) {
  fill_the_pool();
  expect_overloaded(ask(server->port(), "POST", "/v1/players", {}, R"({"name":"Ada"})"));
  release.release(2);
  while (pool.depth() > 0) std::this_thread::yield();

  EXPECT_EQ(ask(server->port(), "POST", "/v1/players", {}, R"({"name":"Ada"})").status, 201);
  EXPECT_EQ(ask(server->port(), "GET", "/v1/tables").status, 200);
}

}  // namespace
}  // namespace tableforge::test
