#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tableforge/redis/address.hpp"

#include "gateway_peer.hpp"
#include "support/holds_soon.hpp"
#include "support/private_servers.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

/// A hand in Redis that is none of the server's.
class RedisHand {
 public:
  RedisHand() {
    auto const address = redis::parse_url(PrivateServers::shared().redis_url()).value();
    context_.reset(::redisConnect(address.host.c_str(), address.port));
    if (!context_ || context_->err != 0) throw std::runtime_error("the private Redis cannot be reached");
    if (!address.password.empty()) command({"AUTH", address.password});
  }

  /// The texts of the answer, one for each line or element.
  std::vector<std::string> command(std::vector<std::string> const &words) {
    std::vector<char const *> texts;
    std::vector<std::size_t> sizes;
    for (auto const &word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    std::unique_ptr<redisReply, Free> const reply(static_cast<redisReply *>(
        ::redisCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
    if (!reply || reply->type == REDIS_REPLY_ERROR) throw std::runtime_error(words.front() + " failed");
    std::vector<std::string> out;
    if (reply->type == REDIS_REPLY_ARRAY) {
      for (std::size_t i = 0; i < reply->elements; ++i) {
        out.emplace_back(reply->element[i]->str, static_cast<std::size_t>(reply->element[i]->len));
      }
    } else if (reply->str != nullptr) {
      out.emplace_back(reply->str, static_cast<std::size_t>(reply->len));
    }
    return out;
  }
  pid_t server_pid() {
    auto const info = command({"INFO", "server"}).at(0);
    return static_cast<pid_t>(std::stol(info.substr(info.find("process_id:") + 11)));
  }

 private:
  struct Free {
    void operator()(redisContext *context) const { ::redisFree(context); }
    void operator()(redisReply *reply) const { ::freeReplyObject(reply); }
  };
  std::unique_ptr<redisContext, Free> context_;
};

/// What people see of a server whose Redis fails in every way it can: nothing.
///
/// Somebody plays all the while, at one table; others that nobody is at are left and found again, their histories and
/// the lobby's list are read, and newcomers join.
class RedisFaults : public testing::Test {
 protected:
  struct Table {
    std::string id;
    std::string state;    ///< As HTTP answers it.
    std::string history;  ///< Of its first hundred and some events.
  };

  static constexpr int kQuiet = 3;
  static constexpr int kEvents = 130;

  RedisFaults() {
    server_ = &serve();
    auto const player = server_->post("/v1/players", "", R"({"name":"Ada"})");
    token_ = Json::parse(player.body).at("token");
    for (int i = 0; i < kQuiet; ++i) quiet_.push_back(played("Quiet " + std::to_string(i)));
    busy_ = found("Busy");
    player_ = std::thread([this] { play_on(); });
    EXPECT_TRUE(holds_soon([&] { return moves_ > 10; }));
  }
  ~RedisFaults() override {
    over_ = true;
    player_.join();
  }

  ServeProcess &serve() {
    directories_.push_back(std::make_unique<ScratchDirectory>());
    servers_.push_back(std::make_unique<ServeProcess>(
        ServeProcess::Options{.database_url = database_,
                              .run_dir = directories_.back()->path(),
                              .redis_url = PrivateServers::shared().redis_url(),
                              .more = {"--secret=" + std::string(32, 's'), "--cache-namespace=" + name_space_,
                                       "--knob=table_idle_unload_ms=1000", "--knob=session_actions_burst=10000"}}));
    return servers_.back()->await_serving();
  }

  static double metric(ServeProcess const &server, std::string const &name) {
    std::string const text = "\n" + server.admin("/metrics").body;
    auto const at = text.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
  }
  static double trouble(ServeProcess const &server, std::string const &kind) {
    return metric(server, "tableforge_cache_remote_trouble_total{kind=\"" + kind + "\"}");
  }

  std::string found(std::string const &name) {
    auto const made = server_->post("/v1/tables", token_,
                                    Json{{"name", name}, {"system", "cards-52"}, {"visibility", "public"}}.dump());
    EXPECT_EQ(made.status, 201) << made.body;
    return Json::parse(made.body).at("id");
  }
  Peer joined(ServeProcess const &server, std::string const &table, std::string const &client) {
    Peer peer(server.port());
    peer.upgrade(table);
    peer.hello(token_, client);
    if (peer.await("welcome").is_null()) throw std::runtime_error("no welcome");
    return peer;
  }
  static void say(Peer &peer, int number) {
    peer.text({{"op", "chat.say"}, {"id", std::to_string(number)}, {"data", {{"text", std::to_string(number)}}}});
    for (auto message = peer.message();; message = peer.message()) {
      if (message.is_null()) throw std::runtime_error("the socket was closed");
      if (message.at("ev") == "error") throw std::runtime_error(message.dump());
      if (message.at("ev") == "chat.said") return;
    }
  }
  Table played(std::string const &name) {
    Table table{.id = found(name), .state = {}, .history = {}};
    {
      auto peer = joined(*server_, table.id, "c");
      for (int i = 2; i <= kEvents; ++i) say(peer, i);
    }
    EXPECT_TRUE(holds_soon([&] { return metric(*server_, "tableforge_tables_open") == 0; }));
    table.state = server_->get("/v1/tables/" + table.id, token_).body;
    table.history = server_->get("/v1/tables/" + table.id + "/history?from=1&limit=120", token_).body;
    EXPECT_THAT(table.state, HasSubstr("\"seq\":130"));
    EXPECT_THAT(table.history, HasSubstr("\"seq\":120"));
    return table;
  }
  /// Somebody who plays and would notice.
  void play_on() {
    try {
      auto peer = joined(*server_, busy_, "player");
      while (!over_) {
        say(peer, ++moves_);
        if (moves_ % 50 == 0) joined(*server_, busy_, "newcomer");
      }
    } catch (std::exception const &failure) {
      complaints_ += std::string("the player: ") + failure.what() + "\n";
      over_ = true;
    }
  }
  /// Everything there is to read, by somebody who knows what it has to be.
  void read_all(ServeProcess const &server, std::string const &when) {
    SCOPED_TRACE(when);
    for (auto const &table : quiet_) {
      auto const state = server.get("/v1/tables/" + table.id, token_);
      EXPECT_EQ(state.status, 200) << state.body;
      EXPECT_EQ(state.body, table.state);
      auto const history = server.get("/v1/tables/" + table.id + "/history?from=1&limit=120", token_);
      EXPECT_EQ(history.status, 200) << history.body;
      EXPECT_EQ(history.body, table.history);
      auto const list = server.get("/v1/tables");
      EXPECT_EQ(list.status, 200) << list.body;
      EXPECT_THAT(list.body, HasSubstr(table.id));
      EXPECT_NO_THROW(joined(server, table.id, "reader"));
    }
    auto const before = moves_.load();
    EXPECT_TRUE(over_ || holds_soon([&] { return over_ || moves_ > before + 20; })) << "the player goes on";
  }
  /// Nobody is at a quiet table, so that the next reader has it loaded.
  void leave_alone(ServeProcess const &server, int open) {
    EXPECT_TRUE(holds_soon([&] { return metric(server, "tableforge_tables_open") == open; }));
  }
  /// Whether what lies in Redis is put right, not only survived. One instance does not see all of it if it takes an
  /// answer for late, as each does on a machine that is starved; the next does.
  bool is_put_right(std::string const &kind) {
    for (int i = 0; i < 5; ++i) {
      auto &next = serve();
      read_all(next, "by one more");
      if (trouble(next, kind) == 0) return true;
    }
    return false;
  }
  std::vector<std::string> keys(RedisHand &hand) { return hand.command({"KEYS", name_space_ + ":*"}); }

  std::string const database_ = migrated_database();
  std::string const name_space_ =
      "redis-faults-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
  std::vector<std::unique_ptr<ScratchDirectory>> directories_;
  std::vector<std::unique_ptr<ServeProcess>> servers_;
  ServeProcess *server_ = nullptr;
  std::string token_;
  std::string busy_;
  std::vector<Table> quiet_;
  std::atomic<bool> over_{false};
  std::atomic<int> moves_{0};
  std::string complaints_;  ///< Read when the player has gone.
  std::thread player_;

  void end_play() {
    over_ = true;
    player_.join();
    player_ = std::thread([] {});
    EXPECT_EQ(complaints_, "");
  }
};

TEST_F(RedisFaults, KilledAndStartedAgain) {
  auto &servers = PrivateServers::shared();
  for (int round = 0; round < 2; ++round) {
    leave_alone(*server_, 1);
    servers.kill_redis();
    read_all(*server_, "while it is away");
    leave_alone(*server_, 1);
    read_all(*server_, "still");
    servers.start_redis();
    read_all(*server_, "as it comes back");
    EXPECT_TRUE(holds_soon([&] { return metric(*server_, "tableforge_redis_subscribed") == 4; }));
    leave_alone(*server_, 1);
    read_all(*server_, "when it is back");
  }
  // A machine that is starved may take it for slow for a while yet; what is asked closes the breaker again.
  EXPECT_TRUE(holds_soon([&] {
    EXPECT_EQ(server_->get("/v1/tables").status, 200);
    return metric(*server_, "tableforge_redis_breaker_state") == 0;
  }));
  end_play();
  EXPECT_GT(trouble(*server_, "away"), 0);
  EXPECT_THAT(server_->output(), HasSubstr("redis is down"));
  EXPECT_THAT(server_->output(), HasSubstr("redis is up"));
}

TEST_F(RedisFaults, StoppedAndContinued) {
  RedisHand hand;
  auto const pid = hand.server_pid();
  // Goes on in any case, or the servers could not be removed.
  std::shared_ptr<void> const goes_on(nullptr, [pid](void *) { ::kill(pid, SIGCONT); });
  leave_alone(*server_, 1);
  ASSERT_EQ(::kill(pid, SIGSTOP), 0);
  read_all(*server_, "while it says nothing");
  EXPECT_TRUE(holds_soon([&] { return metric(*server_, "tableforge_redis_subscribed") == 0; }));
  // Nothing but what is asked of it opens the breaker; what was asked above may have been too little.
  EXPECT_TRUE(holds_soon([&] {
    EXPECT_EQ(server_->get("/v1/tables").status, 200);
    return metric(*server_, "tableforge_redis_breaker_state") == 2;
  }));
  leave_alone(*server_, 1);
  read_all(*server_, "when it is taken for gone");
  ASSERT_EQ(::kill(pid, SIGCONT), 0);
  EXPECT_TRUE(holds_soon([&] { return metric(*server_, "tableforge_redis_subscribed") == 4; }));
  leave_alone(*server_, 1);
  read_all(*server_, "when it goes on");
  end_play();
  EXPECT_GT(trouble(*server_, "timeout"), 0);
  EXPECT_THAT(server_->output(), HasSubstr("redis subscription is not in force"));
}

TEST_F(RedisFaults, WithItsMemoryFull) {
  RedisHand hand;
  hand.command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  hand.command({"CONFIG", "SET", "maxmemory", "1"});
  std::shared_ptr<void> const room(nullptr, [&](void *) { hand.command({"CONFIG", "SET", "maxmemory", "0"}); });
  leave_alone(*server_, 1);
  read_all(*server_, "by the instance that was there");
  auto &other = serve();
  read_all(other, "by one that has nothing in memory");
  quiet_.push_back({.id = found("Found meanwhile"), .state = {}, .history = {}});
  EXPECT_THAT(server_->get("/v1/tables").body, HasSubstr(quiet_.back().id));
  EXPECT_TRUE(holds_soon([&] { return other.get("/v1/tables").body.find(quiet_.back().id) != std::string::npos; }));
  end_play();
  EXPECT_GT(trouble(other, "refused"), 0);
  EXPECT_THAT(other.output(), HasSubstr("redis refuses the cache"));
}

TEST_F(RedisFaults, HoldingWhatIsNotOfItsType) {
  RedisHand hand;
  auto const there = keys(hand);
  ASSERT_GE(there.size(), static_cast<std::size_t>(2 * kQuiet));
  for (auto const &key : there) {
    hand.command({"DEL", key});
    hand.command({"LPUSH", key, "x"});
  }
  auto &other = serve();
  read_all(other, "by one that has nothing in memory");
  read_all(other, "and again");
  end_play();
  EXPECT_GT(trouble(other, "wrong_type"), 0);
  EXPECT_THAT(other.output(), HasSubstr("redis refuses the cache"));
  EXPECT_THAT(other.output(), HasSubstr("WRONGTYPE"));
  EXPECT_TRUE(is_put_right("wrong_type"));
}

TEST_F(RedisFaults, HoldingGarbage) {
  RedisHand hand;
  auto const there = keys(hand);
  ASSERT_GE(there.size(), static_cast<std::size_t>(2 * kQuiet));
  for (auto const &key : there) hand.command({"SET", key, "TF\x01 and then anything"});
  auto &other = serve();
  read_all(other, "by one that has nothing in memory");
  read_all(other, "and again");
  end_play();
  EXPECT_GT(trouble(other, "garbage"), 0);
  EXPECT_THAT(other.output(), HasSubstr("redis holds an entry that cannot be read"));
  EXPECT_TRUE(is_put_right("garbage"));
}

}  // namespace
}  // namespace tableforge::test
