#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "tableforge/log/log.hpp"

#include "support/private_servers.hpp"
#include "unit/cache/near_world.hpp"

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;

/// One instance of two shards, each of which hears for itself; turned by the test, which speaks for all others.
class NearOnTwoShards : public testing::Test {
 public:
  struct Place {
    Place(unsigned index, redis::Address const &address, metrics::RuntimeMetrics &runtime, metrics::RedisMetrics &redis)
        : shard(index, runtime), client(shard, {.address = address}, redis) {
      shard.adopt_this_thread();
      client.start();
    }
    runtime::Shard shard;
    redis::Client client;
  };

  NearOnTwoShards() {
    log::init({.level = log::Level::error});
    clock.apply_to(options);
    options.address = redis::parse_url(servers().redis_url()).value();
    options.remote_limit = 5s;
    options.load_limit = 20s;
    options.tombstone_ttl = 60s;
    // Only what the test does ends a subscription.
    options.heartbeat = 1h;
    auto &knobs = texts.knobs.cache_lobby_page;
    EXPECT_TRUE(knobs.ttl.set(3'600'000ms) && knobs.early_refresh_beta.set(0));
    for (unsigned i = 0; i < 2; ++i) places.push_back(std::make_unique<Place>(i, *options.address, runtime, redis));
    std::array<Nears::Seat, 2> const seats{
        {{places[0]->shard, places[0]->client}, {places[1]->shard, places[1]->client}}};
    nears.emplace(seats, options, metrics, redis);
    // One after the other, so that it is known which connection is whose.
    for (std::size_t i = 0; i < 2; ++i) {
      (*nears)[i].start();
      until([&] { return (*nears)[i].listening(); });
    }
    until([this] { return up(); });
    EXPECT_TRUE(up());
    EXPECT_TRUE(command({"FLUSHALL"}));
  }
  ~NearOnTwoShards() override {
    for (std::size_t i = 0; i < 2; ++i) {
      run(i, (*nears)[i].close());
      run(i, places[i]->client.close());
    }
    log::init({});
  }

  static test::PrivateServers &servers() { return test::PrivateServers::shared(); }

  bool up() {
    for (std::size_t i = 0; i < 2; ++i) {
      if (places[i]->client.health() != redis::Health::up || !(*nears)[i].listening()) return false;
    }
    return true;
  }
  void until(std::function<bool()> const &holds) {
    auto const deadline = std::chrono::steady_clock::now() + 15s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      std::size_t handlers = 0;
      for (auto &place : places) handlers += place->shard.turn();
      if (handlers == 0) places.front()->shard.context().run_one_for(1ms);
    }
  }
  void run(std::size_t i, asio::awaitable<void> task) {
    bool done = false;
    asio::co_spawn(places[i]->shard.executor(), std::move(task), [&](std::exception_ptr) { done = true; });
    until([&] { return done; });
    ASSERT_TRUE(done);
  }
  Result<redis::Reply> command(std::vector<std::string> words) {
    std::optional<Result<redis::Reply>> reply;
    asio::co_spawn(places[0]->shard.executor(), places[0]->client.command(std::move(words), 10s),
                   [&](std::exception_ptr, Result<redis::Reply> got) { reply = std::move(got); });
    until([&] { return reply.has_value(); });
    return *reply;
  }
  std::string get(std::size_t i, Class<std::string> const &cls, std::string key = "k") {
    auto const reading = begin_get(places[i]->shard, (*nears)[i], cls, std::move(key), origin);
    until([&] { return reading->ended(); });
    return reading->text();
  }
  bool holds(std::size_t i, Class<std::string> const &cls, std::string_view key = "k") {
    return (*nears)[i].find(cls, key, origin.loader()).has_value();
  }
  /// Without turning the other shard.
  void command_on_the_first_only(std::vector<std::string> words) {
    bool done = false;
    asio::co_spawn(places[0]->shard.executor(), places[0]->client.command(std::move(words), 10s),
                   [&](std::exception_ptr, Result<redis::Reply> const &reply) { done = reply && !reply->is_error(); });
    auto const deadline = std::chrono::steady_clock::now() + 15s;
    while (!done && std::chrono::steady_clock::now() < deadline) places[0]->shard.turn();
    ASSERT_TRUE(done);
  }
  /// The ids of the connections that are subscribed, in the order of the shards.
  std::vector<std::string> subscriptions() {
    std::vector<std::string> ids;
    auto const reply = command({"CLIENT", "LIST", "TYPE", "pubsub"});
    std::string const text = reply && reply->text() ? *reply->text() : "";
    for (std::size_t at = text.find("id="); at != std::string::npos; at = text.find("\nid=", at)) {
      at = text.find("id=", at) + 3;
      ids.push_back(text.substr(at, text.find(' ', at) - at));
    }
    return ids;
  }

  Texts texts;
  Origin origin;
  ManualClock clock;
  NearOptions options;
  metrics::RuntimeMetrics runtime;
  metrics::RedisMetrics redis;
  metrics::CacheMetrics metrics;
  std::vector<std::unique_ptr<Place>> places;
  std::optional<Nears> nears;
};

TEST_F(NearOnTwoShards, FlushWhatCanChangeOnBothWhenRedisIsLost) {
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(get(i, texts.changing), "first");
    EXPECT_EQ(get(i, texts.fixed), "first");
  }
  auto const flushes = metrics.flushes.value();
  servers().kill_redis();
  until([this] { return metrics.flushes.value() == 2 + 2; });
  EXPECT_EQ(metrics.flushes.value(), flushes + 2);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_FALSE(holds(i, texts.changing)) << i;
    EXPECT_TRUE(holds(i, texts.fixed)) << i;
  }
  servers().start_redis();
  until([this] { return up(); });
  EXPECT_EQ(metrics.flushes.value(), flushes + 4);
}

TEST_F(NearOnTwoShards, FlushOnlyWhereSomethingMayHaveBeenMissed) {
  auto const connections = subscriptions();
  ASSERT_EQ(connections.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(get(i, texts.changing), "first");
  auto const lost = redis.subscriptions_lost.value();
  ASSERT_TRUE(command({"CLIENT", "KILL", "ID", connections[0]}));
  until([&] { return redis.subscriptions_lost.value() == lost + 1 && up(); });
  EXPECT_EQ(redis.subscriptions_lost.value(), lost + 1);
  EXPECT_FALSE(holds(0, texts.changing));
  EXPECT_TRUE(holds(1, texts.changing)) << "it has heard everything";

  // And both go on hearing.
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(get(i, texts.changing), "first");
  ASSERT_TRUE(command({"PUBLISH", "tableforge:invalidations", "another lobby_page 1 k"}));
  until([this] { return !holds(0, texts.changing) && !holds(1, texts.changing); });
  EXPECT_FALSE(holds(0, texts.changing));
  EXPECT_FALSE(holds(1, texts.changing));
}

/// A value is loaded by one shard, and on its way to the other when that one loses its ear: it may be from before a
/// change that nobody will tell of again.
TEST_F(NearOnTwoShards, KeepNothingThatWasOnItsWayWhenSomethingMayHaveBeenMissed) {
  auto const connections = subscriptions();
  ASSERT_EQ(connections.size(), 2u);
  origin.closed = true;
  auto const leading = begin_get(places[0]->shard, (*nears)[0], texts.changing, "k", origin);
  until([&] { return origin.loads == 1; });
  auto const waiting = begin_get(places[1]->shard, (*nears)[1], texts.changing, "k", origin);
  until([&] { return metrics.coalesced.at(CacheClass::lobby_page).value() == 1; });

  command_on_the_first_only({"CLIENT", "KILL", "ID", connections[1]});
  // Runs behind what reads the end of the connection, and before what follows from that.
  asio::steady_timer between(places[1]->shard.executor(), Clock::now() - 1s);
  bool loaded_between = false;
  between.async_wait([&](boost::system::error_code) {
    origin.closed = false;
    for (int i = 0; i < 100; ++i) places[0]->shard.turn();
    loaded_between = leading->ended() && !waiting->ended();
  });
  auto const deadline = Clock::now() + 15s;
  while (!waiting->ended() && Clock::now() < deadline) places[1]->shard.turn();

  EXPECT_TRUE(loaded_between);
  EXPECT_EQ(waiting->text(), "first");
  until([this] { return redis.subscriptions_lost.value() == 1; });
  EXPECT_TRUE(holds(0, texts.changing));
  EXPECT_FALSE(holds(1, texts.changing));
}

}  // namespace
}  // namespace tableforge::cache
