#include "tableforge/relay/redis_relay.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/redis/client.hpp"

#include "contract/redis_world.hpp"

namespace tableforge::relay {
namespace {

using namespace std::chrono_literals;
using metrics::RelayKind;
using testing::ElementsAre;
using testing::IsEmpty;

PlayerId player(std::uint8_t number) {
  PlayerId id;
  id.value.bytes[15] = number;
  return id;
}

host::Row row(Seq seq, std::string body = "[{}]") {
  return {.first_seq = seq, .n = 1, .append_id = {}, .at = {}, .body = std::move(body)};
}

/// A table, as far as the relay knows it.
class Table final : public host::RelayListener {
 public:
  void row_came(host::Row row) override {
    seqs.push_back(row.first_seq);
    bodies.push_back(row.body);
  }
  void presence_came(PlayerId player, protocol::Presence const &presence) override {
    presences.emplace_back(player, presence);
  }
  void elsewhere_changed(PlayerId player, bool is_online) override {
    if (is_online) {
      elsewhere.insert(player);
    } else {
      elsewhere.erase(player);
    }
  }
  void may_have_missed() override { ++missed; }
  [[nodiscard]] Here here() const override { return {.seq = seq, .online = online}; }

  Seq seq = 0;
  std::vector<PlayerId> online;
  std::vector<Seq> seqs;
  std::vector<std::string> bodies;
  std::vector<std::pair<PlayerId, protocol::Presence>> presences;
  std::set<PlayerId> elsewhere;
  int missed = 0;
};

/// Instances that share a Redis.
class RedisRelayTest : public test::RedisWorld {
 public:
  struct Instance {
    Instance(RedisRelayTest &world, redis::Client::Options options, bool speaks)
        : client(world.shard, std::move(options), redis),
          relay(world.shard, client,
                {.name_space = "relay-test",
                 .address = redis::parse_url(servers().redis_url()).value(),
                 .backoff = {.failures_max = 3, .wait_min = 1ms, .wait_max = 10ms}},
                world.knobs, metrics, redis) {
      if (speaks) client.start();
      relay.start();
    }

    metrics::RedisMetrics redis;
    metrics::RelayMetrics metrics;
    redis::Client client;
    RedisRelay relay;
  };
  /// A table that is open at an instance.
  struct Open {
    std::shared_ptr<host::RelayLine> line;
    std::shared_ptr<Table> table = std::make_shared<Table>();
  };

  RedisRelayTest() { EXPECT_TRUE(knobs.relay_greeting.set(60s)); }
  ~RedisRelayTest() override {
    for (auto const &instance : instances) {
      wait_for(instance->relay.close());
      wait_for(instance->client.close());
    }
  }

  static redis::Client::Options client_options() {
    return {.address = redis::parse_url(servers().redis_url()).value(),
            .breaker = {.failures_max = 3, .wait_min = 1ms, .wait_max = 10ms}};
  }

  Instance &instance() { return instance(client_options()); }
  Instance &instance(redis::Client::Options options, bool speaks = true) {
    instances.push_back(std::make_unique<Instance>(*this, std::move(options), speaks));
    auto &made = *instances.back();
    until([&] { return made.relay.listening() && (!speaks || made.client.health() == redis::Health::up); });
    return made;
  }

  Open open(Instance &instance, std::vector<PlayerId> online = {}, Seq seq = 0) {
    Open open{.line = instance.relay.follow(table_id)};
    wait_for(open.line->connected(5s));
    open.table->online = std::move(online);
    open.table->seq = seq;
    open.line->attend(open.table);
    return open;
  }

  static std::uint64_t sent(Instance &instance, RelayKind kind) { return instance.metrics.sent.at(kind).value(); }

  Knobs knobs;
  TableId table_id{Uuid::random()};
  std::vector<std::unique_ptr<Instance>> instances;
};

TEST_F(RedisRelayTest, InstancesAtOneTableKnowOfEachOther) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first);
  EXPECT_FALSE(here.line->shared());
  auto const there = open(second);
  until([&] { return here.line->shared() && there.line->shared(); });
  EXPECT_TRUE(here.line->shared());
  EXPECT_TRUE(there.line->shared());
  EXPECT_EQ(first.metrics.shared.value(), 1);
  EXPECT_EQ(first.metrics.tables.value(), 1);
  EXPECT_EQ(second.metrics.round_trip.snapshot().count(), 1U);

  auto const elsewhere = second.relay.follow(TableId(Uuid::random()));
  wait_for(elsewhere->connected(5s));
  EXPECT_FALSE(elsewhere->shared());
}

TEST_F(RedisRelayTest, WhereNobodyElseIsOnlyAGreetingIsTold) {
  auto &first = instance();
  auto const here = open(first);
  here.line->committed(row(2));
  here.line->showed(player(1), {.cursor = protocol::Point{1, 2}, .drag = {}, .typing = {}});
  here.line->came(player(1));
  here.line->left(player(1));
  for (auto const kind : {RelayKind::row, RelayKind::presence, RelayKind::came, RelayKind::left}) {
    EXPECT_EQ(sent(first, kind), 0U);
    EXPECT_EQ(first.metrics.dropped.at(kind).value(), 0U);
  }
  EXPECT_EQ(sent(first, RelayKind::greeting), 1U);
}

TEST_F(RedisRelayTest, RowsArriveInTheirOrderAndNotAtTheirTeller) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first);
  auto const there = open(second);
  until([&] { return here.line->shared() && there.line->shared(); });
  std::vector<Seq> wanted;
  for (Seq seq = 2; seq < 302; ++seq) {
    wanted.push_back(seq);
    here.line->committed(row(seq, "[" + std::string(seq * 50, ' ') + "]"));
  }
  until([&] { return there.table->seqs.size() == wanted.size(); });
  EXPECT_EQ(there.table->seqs, wanted);
  EXPECT_EQ(there.table->bodies.back().size(), 301 * 50 + 2U);
  EXPECT_THAT(here.table->seqs, IsEmpty());
  EXPECT_EQ(second.metrics.heard.at(RelayKind::row).value(), wanted.size());
  EXPECT_EQ(second.metrics.row_age.snapshot().count(), wanted.size());
}

TEST_F(RedisRelayTest, PresenceArrivesAsItWasShown) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first);
  auto const there = open(second);
  until([&] { return here.line->shared() && there.line->shared(); });
  here.line->showed(
      player(3),
      {.cursor = protocol::Point{1, 2}, .drag = protocol::Drag{.piece = PieceId(7), .x = 3, .y = 4}, .typing = true});
  until([&] { return !there.table->presences.empty(); });
  ASSERT_EQ(there.table->presences.size(), 1U);
  auto const &[who, shown] = there.table->presences[0];
  EXPECT_EQ(who, player(3));
  EXPECT_EQ(shown.cursor, (protocol::Point{1, 2}));
  EXPECT_EQ(shown.drag->piece, PieceId(7));
  EXPECT_EQ(shown.typing, true);
}

TEST_F(RedisRelayTest, RowsThatComeBeforeTheTableIsLoadedAreKeptForIt) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first);
  Open there{.line = second.relay.follow(table_id)};
  wait_for(there.line->connected(5s));
  until([&] { return here.line->shared(); });
  for (Seq seq = 2; seq < 12; ++seq) here.line->committed(row(seq));
  until([&] { return second.metrics.heard.at(RelayKind::row).value() == 10; });
  EXPECT_THAT(there.table->seqs, IsEmpty());
  there.line->attend(there.table);
  EXPECT_THAT(there.table->seqs, ElementsAre(2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

TEST_F(RedisRelayTest, OfTooManyEarlyRowsItIsKnownThatTheyAreThere) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first);
  Open there{.line = second.relay.follow(table_id)};
  wait_for(there.line->connected(5s));
  until([&] { return here.line->shared(); });
  constexpr Seq kLast = RedisRelay::kEarlyRowsMax + 2;
  for (Seq seq = 2; seq <= kLast; ++seq) here.line->committed(row(seq));
  until([&] { return second.metrics.heard.at(RelayKind::row).value() == kLast - 1; });
  there.line->attend(there.table);
  EXPECT_THAT(there.table->seqs, ElementsAre(kLast));
  EXPECT_THAT(there.table->bodies, ElementsAre("")) << "to be read";
}

TEST_F(RedisRelayTest, ATableThatIsBehindLearnsSoFromAGreeting) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first, {}, 17);
  auto const there = open(second, {}, 12);
  until([&] { return !there.table->seqs.empty() && here.line->shared(); });
  EXPECT_THAT(there.table->seqs, ElementsAre(17));
  EXPECT_THAT(there.table->bodies, ElementsAre(""));
}

TEST_F(RedisRelayTest, OneThatIsMetWhilePeopleAreHereAlreadyLearnsOfThem) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first, {player(1)}, 17);
  // Its greeting was said before the table was there, and told of nobody. The answer comes when it is.
  auto const there = open(second, {player(2)}, 23);
  until([&] { return !here.table->seqs.empty() && !there.table->seqs.empty(); });
  EXPECT_THAT(here.table->seqs, ElementsAre(23));
  EXPECT_THAT(there.table->seqs, ElementsAre(17));
  EXPECT_TRUE(here.line->online_elsewhere(player(2)));
  EXPECT_TRUE(there.line->online_elsewhere(player(1)));
}

TEST_F(RedisRelayTest, WhoIsOnlineCrosses) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first, {player(1), player(2)});
  auto there = open(second);
  until([&] { return there.table->elsewhere.size() == 2; });
  EXPECT_TRUE(there.line->online_elsewhere(player(1)));
  EXPECT_FALSE(here.line->online_elsewhere(player(1))) << "here is not elsewhere";

  there.line->came(player(3));
  until([&] { return !here.table->elsewhere.empty(); });
  EXPECT_TRUE(here.line->online_elsewhere(player(3)));
  here.line->left(player(2));
  until([&] { return there.table->elsewhere.size() == 1; });
  EXPECT_FALSE(there.line->online_elsewhere(player(2)));

  // The end of a table at an instance takes its people along.
  there.line.reset();
  until([&] { return here.table->elsewhere.empty(); });
  EXPECT_TRUE(here.table->elsewhere.empty());
  EXPECT_FALSE(here.line->shared());
  EXPECT_EQ(first.metrics.shared.value(), 0);
  EXPECT_EQ(first.metrics.forgotten.value(), 0U);
}

TEST_F(RedisRelayTest, AnInstanceThatFallsSilentLeavesNoGhosts) {
  ASSERT_TRUE(knobs.relay_greeting.set(400ms));
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first, {player(1)});
  auto const there = open(second, {player(2)});
  until([&] { return here.table->elsewhere.size() == 1 && there.table->elsewhere.size() == 1; });
  auto const greetings = first.metrics.heard.at(RelayKind::greeting).value();
  until([&] { return first.metrics.heard.at(RelayKind::greeting).value() > greetings + 4; });
  EXPECT_EQ(here.table->elsewhere.size(), 1U) << "one that greets stays";

  // As when it is killed: it says nothing any more.
  wait_for(second.client.close());
  until([&] { return here.table->elsewhere.empty(); });
  EXPECT_TRUE(here.table->elsewhere.empty());
  EXPECT_FALSE(here.line->shared());
  EXPECT_EQ(first.metrics.forgotten.value(), 1U);
}

TEST_F(RedisRelayTest, BytesThatAreNoMessageAreCountedAndDropped) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first);
  auto const there = open(second);
  until([&] { return here.line->shared() && there.line->shared(); });
  std::string const channel = "relay-test:relay:{" + table_id.value.text() + "}";
  for (std::string const &bytes : {std::string("garbage"), std::string(), std::string("TR\x01") + std::string(17, 'x'),
                                   std::string("TR\x02") + std::string(17, '\0')}) {
    ASSERT_TRUE(first.client.tell({"PUBLISH", channel, bytes}));
  }
  here.line->committed(row(2));
  until([&] { return !there.table->seqs.empty(); });
  EXPECT_THAT(there.table->seqs, ElementsAre(2));
  EXPECT_EQ(second.metrics.undecodable.value(), 4U);
  EXPECT_EQ(lines_with("cannot be understood"), 2U) << "one line a minute and instance";
}

TEST_F(RedisRelayTest, AfterRedisWasAwayAllIsAsBeforeAndTablesKnowThatTheyMayHaveMissedSomething) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first, {player(1)});
  auto const there = open(second, {player(2)});
  until([&] { return here.line->shared() && there.line->shared(); });
  EXPECT_EQ(there.table->missed, 0);

  servers().kill_redis();
  until([&] {
    return first.client.health() == redis::Health::down && !first.relay.listening() && !second.relay.listening();
  });
  here.line->committed(row(2));
  EXPECT_EQ(first.metrics.dropped.at(RelayKind::row).value(), 1U);
  servers().start_redis();
  until(
      [&] { return here.table->missed > 0 && there.table->missed > 0 && first.client.health() == redis::Health::up; });
  EXPECT_EQ(here.table->missed, 1);
  EXPECT_EQ(there.table->missed, 1);

  here.line->committed(row(3));
  until([&] { return !there.table->seqs.empty(); });
  EXPECT_THAT(there.table->seqs, ElementsAre(3));
  EXPECT_TRUE(there.line->online_elsewhere(player(1)));
}

TEST_F(RedisRelayTest, InstancesThatMetWhileOneCouldNotSpeakFindEachOther) {
  ASSERT_TRUE(knobs.relay_greeting.set(400ms));
  auto &first = instance();
  auto &second = instance(client_options(), false);
  auto const here = open(first);
  auto const there = open(second);
  EXPECT_GE(second.metrics.dropped.at(RelayKind::greeting).value(), 1U);
  EXPECT_FALSE(here.line->shared());
  second.client.start();
  until([&] { return here.line->shared() && there.line->shared(); });
  EXPECT_TRUE(here.line->shared());
  EXPECT_TRUE(there.line->shared());
}

TEST_F(RedisRelayTest, ATableThatIsClosedAndOpenedAtOnceIsHeard) {
  auto &first = instance();
  auto &second = instance();
  auto const here = open(first);
  for (int i = 0; i < 20; ++i) {
    auto there = open(second);
    until([&] { return here.line->shared() && there.line->shared(); });
    here.line->committed(row(2));
    until([&] { return !there.table->seqs.empty(); });
    ASSERT_THAT(there.table->seqs, ElementsAre(2)) << i;
  }
}

TEST_F(RedisRelayTest, TellingASlowRedisIsBoundedAndNeverWaits) {
  auto options = client_options();
  options.told_bytes_max = 64 * 1024;
  auto &first = instance(options);
  auto &second = instance();
  auto const here = open(first);
  auto const there = open(second);
  until([&] { return here.line->shared() && there.line->shared(); });
  ASSERT_TRUE(wait_for(second.client.command({"CLIENT", "PAUSE", "300", "ALL"}, 5s)));
  for (Seq seq = 2; seq < 1'002; ++seq) here.line->committed(row(seq, std::string(1'024, 'x')));
  auto const dropped = first.metrics.dropped.at(RelayKind::row).value();
  EXPECT_GT(dropped, 900U);
  EXPECT_EQ(dropped + sent(first, RelayKind::row), 1'000U);
  until([&] { return first.client.told_bytes() == 0; });
  here.line->committed(row(2'000));
  until([&] { return !there.table->seqs.empty() && there.table->seqs.back() == 2'000; });
  EXPECT_EQ(there.table->seqs.back(), 2'000U);
}

}  // namespace
}  // namespace tableforge::relay
