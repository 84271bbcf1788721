#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tableforge/redis/client.hpp"
#include "tableforge/redis/script.hpp"

#include "contract/redis_world.hpp"

namespace tableforge::redis {
namespace {

using namespace std::chrono_literals;
using metrics::CommandOutcome;

class RedisClient : public test::RedisWorld {
 public:
  ~RedisClient() override {
    if (client) wait_for(client->close());
  }

  void connect(std::optional<std::string> url = servers().redis_url(), std::size_t in_flight_max = 4'096) {
    Client::Options options{.in_flight_max = in_flight_max,
                            .breaker = {.failures_max = 3, .wait_min = 1ms, .wait_max = 10ms}};
    if (url) options.address = parse_url(*url).value();
    client = std::make_unique<Client>(shard, options, redis);
    client->start();
  }
  void connect_and_wait() {
    connect();
    until([this] { return client->health() == Health::up; });
    ASSERT_EQ(client->health(), Health::up);
  }

  Result<Reply> command(std::vector<std::string> words, std::chrono::steady_clock::duration limit = 5s) {
    return wait_for(client->command(std::move(words), limit));
  }

  Breaker::State worst_breaker() const { return static_cast<Breaker::State>(redis.breaker_state.value()); }

  std::unique_ptr<Client> client;
};

TEST_F(RedisClient, AnswersInEveryKindOfReply) {
  connect_and_wait();
  EXPECT_EQ(*command({"SET", "key", std::string("a\0b\r\n", 5)})->text(), "OK");
  EXPECT_EQ(*command({"GET", "key"})->text(), std::string("a\0b\r\n", 5));
  EXPECT_TRUE(command({"GET", "nothing"})->is_nil());
  EXPECT_EQ(*command({"STRLEN", "key"})->number(), 5);
  auto const list = command({"MGET", "key", "nothing"});
  ASSERT_TRUE(list->list());
  ASSERT_EQ(list->list()->size(), 2u);
  EXPECT_TRUE((*list->list())[1].is_nil());
  EXPECT_TRUE(command({"INCR", "key"})->is_error());
  EXPECT_EQ(redis.commands.at(CommandOutcome::ok).value(), 5u);
  EXPECT_EQ(redis.commands.at(CommandOutcome::error).value(), 1u);
}

TEST_F(RedisClient, PipelinesTheCommandsOfOneTurn) {
  connect_and_wait();
  static_cast<void>(command({"DEL", "n"}));
  std::vector<std::int64_t> answers;
  for (int i = 0; i < 100; ++i) {
    asio::co_spawn(shard.executor(), client->command({"INCR", "n"}, 5s),
                   [&](std::exception_ptr, Result<Reply> reply) { answers.push_back(*reply->number()); });
  }
  until([&] { return answers.size() == 100; });
  ASSERT_EQ(answers.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)], i + 1);
}

TEST_F(RedisClient, RefusesMoreThanItsBoundInFlight) {
  connect(servers().redis_url(), 3);
  until([this] { return client->health() == Health::up; });
  std::vector<Result<Reply>> replies;
  for (int i = 0; i < 5; ++i) {
    asio::co_spawn(shard.executor(), client->command({"PING"}, 5s),
                   [&](std::exception_ptr, Result<Reply> reply) { replies.push_back(std::move(reply)); });
  }
  until([&] { return replies.size() == 5; });
  EXPECT_EQ(redis.commands.at(CommandOutcome::ok).value(), 3u);
  EXPECT_EQ(redis.commands.at(CommandOutcome::overloaded).value(), 2u);
  EXPECT_TRUE(command({"PING"}));
}

TEST_F(RedisClient, TellsInOrderWithoutWaitingForAnswers) {
  connect_and_wait();
  static_cast<void>(command({"DEL", "told"}));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client->tell({"APPEND", "told", std::to_string(i % 10)}));
  EXPECT_GE(client->told_bytes(), 100u);
  auto const reply = command({"GET", "told"});
  ASSERT_TRUE(reply && reply->text());
  EXPECT_EQ(reply->text()->size(), 100u);
  EXPECT_EQ(reply->text()->substr(0, 12), "012345678901");
  EXPECT_EQ(client->told_bytes(), 0u);
  EXPECT_EQ(client->connections(), 1u);
}

TEST_F(RedisClient, TellsNothingToARedisThatIsAway) {
  connect_and_wait();
  ASSERT_TRUE(client->tell({"PING"}));
  servers().kill_redis();
  until([this] { return client->health() == Health::down; });
  EXPECT_FALSE(client->tell({"PING"}));
  EXPECT_EQ(client->told_bytes(), 0u);
  servers().start_redis();
  until([this] { return client->health() == Health::up; });
  EXPECT_TRUE(client->tell({"PING"}));
  EXPECT_EQ(client->connections(), 2u);
}

TEST_F(RedisClient, RefusesCommandsThatWouldTakeOverTheConnection) {
  connect_and_wait();
  for (char const *word : {"SUBSCRIBE", "psubscribe", "Monitor", "QUIT"}) {
    auto const reply = command({word, "x"});
    ASSERT_FALSE(reply) << word;
    EXPECT_EQ(reply.error().code, Errc::invalid);
  }
}

TEST_F(RedisClient, WithoutAnAddressIsDisabled) {
  connect(std::nullopt);
  EXPECT_EQ(client->health(), Health::disabled);
  EXPECT_EQ(command({"PING"}).error().code, Errc::unavailable);
  EXPECT_EQ(client->health(), Health::disabled);
}

TEST_F(RedisClient, SelectsTheDatabaseOfItsUrl) {
  connect_and_wait();
  static_cast<void>(command({"SET", "where", "zero"}));
  wait_for(client->close());
  connect(servers().redis_url().substr(0, servers().redis_url().find('/', 8)) + "/3");
  until([this] { return client->health() == Health::up; });
  EXPECT_TRUE(command({"GET", "where"})->is_nil());
}

TEST_F(RedisClient, StaysDownWithAWrongPassword) {
  connect("redis://nobody:wrong@" + servers().redis_url().substr(servers().redis_url().rfind('@') == std::string::npos
                                                                     ? std::string("redis://").size()
                                                                     : servers().redis_url().rfind('@') + 1));
  until([this] { return lines_with("redis is down") > 0; });
  EXPECT_EQ(client->health(), Health::down);
  EXPECT_EQ(lines_with("redis refused us command=AUTH"), 1u);
  EXPECT_EQ(lines_with("wrong"), 0u);  // Redis itself shouts WRONGPASS.
}

TEST_F(RedisClient, ComesBackAfterAKill) {
  connect_and_wait();
  servers().kill_redis();
  until([this] { return client->health() == Health::down; });
  auto const away = command({"PING"});
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, Errc::unavailable);
  EXPECT_EQ(redis.connected.value(), 0);
  servers().start_redis();
  until([this] { return client->health() == Health::up; });
  EXPECT_TRUE(command({"PING"}));
  EXPECT_EQ(redis.reconnects.value(), 1u);
  EXPECT_EQ(redis.connected.value(), 1);
  EXPECT_EQ(worst_breaker(), Breaker::State::closed);
  // One for each change, however many probes there were in between: up, down, up.
  EXPECT_EQ(lines_with("redis is up"), 2u);
  EXPECT_EQ(lines_with("redis is down"), 1u);
}

TEST_F(RedisClient, TellsTheBreakerOfTheWorstOfAll) {
  connect_and_wait();
  EXPECT_EQ(worst_breaker(), Breaker::State::closed);
  {
    // Where nobody listens, and for so long that the next probe is no matter of this test.
    Client elsewhere(shard,
                     {.address = parse_url("redis://127.0.0.1:1").value(), .breaker = {.wait_min = 1h, .wait_max = 1h}},
                     redis);
    elsewhere.start();
    until([&] { return worst_breaker() == Breaker::State::open; });
    EXPECT_EQ(worst_breaker(), Breaker::State::open);
    // Others come, are well, and go.
    wait_for(client->close());
    connect_and_wait();
    EXPECT_EQ(worst_breaker(), Breaker::State::open);
    wait_for(elsewhere.close());
  }
  until([&] { return worst_breaker() == Breaker::State::closed; });
  EXPECT_EQ(worst_breaker(), Breaker::State::closed) << "who is gone says nothing any more";
}

TEST_F(RedisClient, AnswersCommandsInFlightWhenRedisDies) {
  connect_and_wait();
  std::optional<Result<Reply>> reply;
  asio::co_spawn(shard.executor(), client->command({"BLPOP", "never", "0"}, 1h),
                 [&](std::exception_ptr, Result<Reply> got) { reply.emplace(std::move(got)); });
  while (shard.turn() > 0) {
  }
  ASSERT_FALSE(reply);
  servers().kill_redis();
  until([&] { return reply.has_value(); });
  servers().start_redis();
  ASSERT_TRUE(reply);
  ASSERT_FALSE(*reply);
  EXPECT_EQ(reply->error().code, Errc::unavailable);
}

TEST_F(RedisClient, ReplacesAConnectionThatIsTooSlow) {
  connect_and_wait();
  // It blocks the connection, not the server, so the connection that replaces this one finds a healthy Redis.
  for (int i = 0; i < 3; ++i) {
    auto const reply = command({"BLPOP", "never", "0"}, 1ms);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::timeout);
  }
  until([this] { return redis.reconnects.value() == 1; });
  EXPECT_TRUE(command({"PING"}));
  EXPECT_EQ(lines_with("Redis is too slow"), 1u);
}

TEST_F(RedisClient, ConnectsLaterWhenRedisWasNotThereAtFirst) {
  servers().stop_redis();
  connect();
  until([this] { return lines_with("redis is down") > 0; });
  EXPECT_EQ(client->health(), Health::down);
  servers().start_redis();
  until([this] { return client->health() == Health::up; });
  EXPECT_TRUE(command({"PING"}));
}

TEST_F(RedisClient, ResolvesNames) {
  std::string const url = servers().redis_url();
  auto const at = url.find("127.0.0.1");
  if (at == std::string::npos) GTEST_SKIP() << "the private Redis listens elsewhere";
  connect(std::string(url).replace(at, 9, "localhost"));
  until([this] { return client->health() == Health::up; });
  EXPECT_EQ(client->health(), Health::up);
}

TEST_F(RedisClient, RunsAScriptThatRedisDoesNotKnowYet) {
  connect_and_wait();
  Script const script("return {KEYS[1], ARGV[1]}");
  for (int round = 0; round < 2; ++round) {
    auto const reply = wait_for(script.run(*client, {"key"}, {"argument"}, 5s));
    ASSERT_TRUE(reply && reply->list());
    EXPECT_EQ(*(*reply->list())[1].text(), "argument");
  }
  // EVALSHA, EVAL, EVALSHA: the second time it is known by its hash.
  EXPECT_EQ(redis.commands.at(metrics::CommandOutcome::error).value(), 1u);
  EXPECT_EQ(redis.commands.at(metrics::CommandOutcome::ok).value(), 2u);
}

}  // namespace
}  // namespace tableforge::redis
