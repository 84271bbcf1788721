#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/redis/client.hpp"
#include "tableforge/redis/subscriber.hpp"

#include "contract/redis_world.hpp"

namespace tableforge::redis {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class RedisSubscriber : public test::RedisWorld {
 public:
  RedisSubscriber() {
    client.start();
    until([this] { return client.health() == Health::up; });
  }
  ~RedisSubscriber() override {
    if (subscriber) wait_for(subscriber->close());
    wait_for(client.close());
  }

  void subscribe(std::vector<std::string> channels, Subscriber::Options options = {}) {
    if (!options.address) options.address = parse_url(servers().redis_url()).value();
    options.channels = std::move(channels);
    options.backoff = {.failures_max = 3, .wait_min = 1ms, .wait_max = 10ms};
    subscriber = std::make_unique<Subscriber>(
        shard, options,
        Subscriber::Owner{.on_message = [this](std::string_view channel,
                                               std::string_view payload) { heard.emplace_back(channel, payload); },
                          .on_lost = [this] { ++lost; },
                          .on_back = [this] { ++back; },
                          .on_added = [this](std::string_view channel) { added.emplace_back(channel); }},
        redis);
    subscriber->start();
  }
  void listen(std::vector<std::string> channels) {
    subscribe(std::move(channels));
    until([this] { return subscriber->listening(); });
    ASSERT_TRUE(subscriber->listening());
  }
  void publish(std::string channel, std::string payload) {
    auto const reply = wait_for(client.command({"PUBLISH", std::move(channel), std::move(payload)}, 5s));
    ASSERT_TRUE(reply && reply->number());
  }

  std::int64_t subscribers_of(std::string channel) {
    auto const reply = wait_for(client.command({"PUBSUB", "NUMSUB", std::move(channel)}, 5s));
    auto const *list = reply ? reply->list() : nullptr;
    return list != nullptr && list->size() == 2 && list->at(1).number() != nullptr ? *list->at(1).number() : -1;
  }

  Client client{shard,
                {.address = parse_url(servers().redis_url()).value(),
                 .breaker = {.failures_max = 3, .wait_min = 1ms, .wait_max = 10ms}},
                redis};
  std::unique_ptr<Subscriber> subscriber;
  std::vector<std::pair<std::string, std::string>> heard;
  std::vector<std::string> added;
  int lost = 0;
  int back = 0;
};

TEST_F(RedisSubscriber, HearsItsChannelsInOrderAndNoOthers) {
  listen({"one", "two"});
  publish("one", std::string("a\0\r\n", 4));
  publish("three", "not for us");
  publish("two", "");
  publish("one", std::string(100'000, 'x'));
  until([this] { return heard.size() == 3; });
  using Heard = std::pair<std::string, std::string>;
  EXPECT_THAT(heard, ElementsAre(Heard("one", std::string("a\0\r\n", 4)), Heard("two", ""),
                                 Heard("one", std::string(100'000, 'x'))));
  EXPECT_EQ(redis.messages.value(), 3u);
  EXPECT_EQ(redis.subscribed.value(), 1);
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(back, 1);
}

TEST_F(RedisSubscriber, TellsItsOwnerOfBothEndsOfALoss) {
  listen({"one"});
  servers().kill_redis();
  until([this] { return lost == 1; });
  EXPECT_EQ(lost, 1);
  EXPECT_FALSE(subscriber->listening());
  EXPECT_EQ(redis.subscribed.value(), 0);
  servers().start_redis();
  until([this] { return back == 2 && client.health() == Health::up; });
  ASSERT_EQ(back, 2);
  EXPECT_EQ(redis.subscriptions_lost.value(), 1u);
  publish("one", "again");
  until([this] { return !heard.empty(); });
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_EQ(lines_with("redis subscription is not in force"), 1u);
  EXPECT_EQ(lines_with("redis subscription is in force"), 2u);
}

TEST_F(RedisSubscriber, NoticesARedisThatNoLongerAnswers) {
  subscribe({"one"}, {.connect_limit = 5s, .heartbeat = 20ms, .heartbeat_limit = 200ms});
  until([this] { return subscriber->listening(); });
  // Paused, it keeps the connection open and says nothing: only the heartbeat can tell.
  ASSERT_TRUE(wait_for(client.command({"CLIENT", "PAUSE", "1000", "ALL"}, 5s)));
  until([this] { return lost == 1; });
  EXPECT_EQ(lost, 1);
  until([this] { return back == 2; });
  EXPECT_EQ(back, 2);
}

TEST_F(RedisSubscriber, KeepsASubscriptionOverManyHeartbeats) {
  subscribe({"one", "two"}, {.heartbeat = 1ms, .heartbeat_limit = 5s});
  until([this] { return subscriber->listening(); });
  for (int i = 0; i < 50; ++i) publish("two", std::to_string(i));
  until([this] { return heard.size() == 50; });
  EXPECT_EQ(heard.size(), 50u);
  EXPECT_EQ(lost, 0);
}

TEST_F(RedisSubscriber, HearsAChannelFromWhenItWasAddedUntilItIsRemoved) {
  listen({"one"});
  publish("two", "too early");
  subscriber->add("two");
  EXPECT_FALSE(subscriber->hears("two"));
  until([this] { return !added.empty(); });
  EXPECT_THAT(added, ElementsAre("two"));
  EXPECT_TRUE(subscriber->hears("two"));
  publish("two", "now");
  until([this] { return !heard.empty(); });
  subscriber->remove("two");
  publish("two", "perhaps");
  until([this] { return subscribers_of("two") == 0; });
  heard.clear();
  publish("two", "too late");
  publish("one", "still there");
  until([this] { return !heard.empty(); });
  using Heard = std::pair<std::string, std::string>;
  EXPECT_THAT(heard, ElementsAre(Heard("one", "still there")));
  EXPECT_FALSE(subscriber->hears("two"));
  EXPECT_EQ(lost, 0);
}

TEST_F(RedisSubscriber, HearsAChannelThatIsAddedAgainWhileItIsBeingRemoved) {
  listen({"one"});
  subscriber->add("two");
  until([this] { return subscriber->hears("two"); });
  for (int i = 0; i < 10; ++i) {
    subscriber->remove("two");
    subscriber->add("two");
    subscriber->remove("two");
    subscriber->add("two");
    until([this] { return subscriber->hears("two"); });
    heard.clear();
    publish("two", "here");
    until([this] { return !heard.empty(); });
    ASSERT_EQ(heard.size(), 1u) << i;
  }
  EXPECT_EQ(subscribers_of("two"), 1);
}

TEST_F(RedisSubscriber, HearsWhatWasAddedAfterALossToo) {
  listen({"one"});
  std::vector<std::string> many;
  for (int i = 0; i < 2'500; ++i) many.push_back("many-" + std::to_string(i));
  for (auto const &channel : many) subscriber->add(channel);
  until([&] { return added.size() == many.size(); });
  subscriber->remove("many-7");
  servers().kill_redis();
  until([this] { return lost == 1; });
  EXPECT_FALSE(subscriber->hears("many-1"));
  subscriber->add("meanwhile");
  subscriber->remove("many-8");
  servers().start_redis();
  until([this] { return back == 2 && client.health() == Health::up; });

  // All of it is in force when the owner is told so.
  EXPECT_TRUE(subscriber->hears("many-1"));
  EXPECT_TRUE(subscriber->hears("meanwhile"));
  EXPECT_EQ(subscribers_of("many-2499"), 1);
  EXPECT_EQ(subscribers_of("many-7"), 0);
  EXPECT_EQ(subscribers_of("many-8"), 0);
  publish("many-2499", "again");
  until([this] { return !heard.empty(); });
  EXPECT_EQ(heard.size(), 1u);
  EXPECT_EQ(added.size(), many.size()) << "only what was added while the subscription was in force is told";
}

TEST_F(RedisSubscriber, HearsWhatIsAddedBeforeItIsConnected) {
  subscribe({"one"});
  subscriber->add("two");
  subscriber->add("three");
  subscriber->remove("three");
  until([this] { return subscriber->listening(); });
  EXPECT_TRUE(subscriber->hears("two"));
  EXPECT_EQ(subscribers_of("three"), 0);
}

TEST_F(RedisSubscriber, WithoutAnAddressTellsNothing) {
  subscriber = std::make_unique<Subscriber>(shard, Subscriber::Options{.channels = {"one"}},
                                            Subscriber::Owner{.on_back = [this] { ++back; }}, redis);
  subscriber->start();
  publish("one", "unheard");
  EXPECT_FALSE(subscriber->listening());
  EXPECT_EQ(back, 0);
}

TEST_F(RedisSubscriber, ClosesWithoutTellingOfALoss) {
  listen({"one"});
  wait_for(subscriber->close());
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(redis.subscribed.value(), 0);
}

}  // namespace
}  // namespace tableforge::redis
