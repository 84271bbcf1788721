#include "tableforge/cache/near.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

#include "tableforge/log/log.hpp"
#include "tableforge/runtime/blocking_pool.hpp"
#include "tableforge/runtime/shards.hpp"
#include "tableforge/runtime/timer.hpp"

#include "cache/record.hpp"
#include "cache/remote.hpp"
#include "support/private_servers.hpp"
#include "unit/cache/near_world.hpp"

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;
using metrics::CacheLevel;
using metrics::RemoteTrouble;

redis::Client::Options client_options() {
  return {.address = redis::parse_url(test::PrivateServers::shared().redis_url()).value(),
          .breaker = {.failures_max = 3, .wait_min = 1ms, .wait_max = 10ms}};
}

/// Two instances of one shard each, turned by the test, with a clock of its own and a real Redis between them.
class NearWithRedis : public testing::Test {
 public:
  struct Instance {
    Instance(unsigned index, NearOptions const &options, metrics::RuntimeMetrics &runtime)
        : shard(index, runtime), client(shard, client_options(), redis) {
      shard.adopt_this_thread();
      client.start();
      std::array<Nears::Seat, 1> const seats{{{shard, client}}};
      nears.emplace(seats, options, metrics, redis);
      near().start();
    }
    Near &near() { return (*nears)[0]; }

    metrics::RedisMetrics redis;
    metrics::CacheMetrics metrics;
    runtime::Shard shard;
    redis::Client client;
    std::optional<Nears> nears;
    Origin origin;
  };

  NearWithRedis() {
    log::init({.sink = [this](std::string_view line) { lines.emplace_back(line); }});
    clock.apply_to(options);
    options.address = client_options().address;
    // No test waits that long: a loaded machine must not look like a slow Redis.
    options.remote_limit = 5s;
    options.load_limit = 20s;
    options.tombstone_ttl = 60s;
    options.heartbeat = 50ms;
    auto &knobs = texts.knobs.cache_lobby_page;
    EXPECT_TRUE(knobs.ttl.set(10'000ms) && knobs.stale_while_revalidate.set(5'000ms));
    EXPECT_TRUE(knobs.negative_ttl.set(2'000ms) && knobs.early_refresh_beta.set(0));
  }
  ~NearWithRedis() override {
    for (auto &instance : instances) {
      instance->origin.closed = false;
      run(*instance, instance->near().close());
      run(*instance, instance->client.close());
    }
    log::init({});
  }

  static test::PrivateServers &servers() { return test::PrivateServers::shared(); }

  /// Makes both instances and waits until they hear each other.
  void begin_instances() {
    for (unsigned i = 0; i < 2; ++i) instances.push_back(std::make_unique<Instance>(i, options, runtime));
    until([this] { return up(0) && up(1); });
    ASSERT_TRUE(up(0) && up(1));
    ASSERT_TRUE(command({"FLUSHALL"}));
  }
  bool up(std::size_t i) {
    return instances[i]->client.health() == redis::Health::up && (!options.address || instances[i]->near().listening());
  }
  Instance &at(std::size_t i) { return *instances[i]; }

  void until(std::function<bool()> const &holds) {
    auto const deadline = std::chrono::steady_clock::now() + 15s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      std::size_t handlers = 0;
      for (auto &instance : instances) handlers += instance->shard.turn();
      if (handlers == 0) instances.front()->shard.context().run_one_for(1ms);
    }
  }
  void run(Instance &instance, asio::awaitable<void> task) {
    bool done = false;
    asio::co_spawn(instance.shard.executor(), std::move(task), [&](std::exception_ptr) { done = true; });
    until([&] { return done; });
    ASSERT_TRUE(done);
  }
  Result<redis::Reply> command(std::vector<std::string> words) {
    std::optional<Result<redis::Reply>> reply;
    asio::co_spawn(at(0).shard.executor(), at(0).client.command(std::move(words), 10s),
                   [&](std::exception_ptr, Result<redis::Reply> got) { reply = std::move(got); });
    until([&] { return reply.has_value(); });
    return *reply;
  }
  std::optional<Record> stored(std::string const &key = "k") {
    auto const reply = command({"GET", name_of(key)});
    return reply && reply->text() ? decode_record(*reply->text()) : std::nullopt;
  }
  static std::string name_of(std::string const &key) { return "tableforge:lobby_page:{" + key + "}"; }

  std::shared_ptr<Reading> begin(std::size_t i, std::string key = "k") {
    return begin_get(at(i).shard, at(i).near(), texts.changing, std::move(key), at(i).origin);
  }
  std::string get(std::size_t i, std::string key = "k") {
    auto const reading = begin(i, std::move(key));
    until([&] { return reading->ended(); });
    return reading->text();
  }
  /// What the shard has at hand, without loading.
  bool holds(std::size_t i, std::string_view key = "k") {
    return at(i).near().find(texts.changing, key, at(i).origin.loader()).has_value();
  }
  void invalidate(std::size_t i, Version version, std::string key = "k") {
    run(at(i), at(i).near().invalidate(texts.changing, std::move(key), version));
  }
  void put(std::size_t i, std::string value, Version version, std::string key = "k") {
    run(at(i), at(i).near().put(texts.changing, std::move(key), text(std::move(value)), version));
  }
  /// Waits for what follows the answer: the value's way to Redis.
  void settle(std::size_t i) {
    run(at(i), [](redis::Client &client) -> asio::awaitable<void> {
      for (int times = 0; times < 3; ++times) static_cast<void>(co_await client.command({"PING"}, 5s));
    }(at(i).client));
  }
  std::uint64_t trouble(std::size_t i, RemoteTrouble kind) { return at(i).metrics.remote_trouble.at(kind).value(); }
  std::size_t lines_with(std::string_view part) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [&](auto const &line) { return line.find(part) != std::string::npos; }));
  }

  std::vector<std::string> lines;
  Texts texts;
  ManualClock clock;
  NearOptions options;
  metrics::RuntimeMetrics runtime;
  std::vector<std::unique_ptr<Instance>> instances;
};

TEST_F(NearWithRedis, ReadsWhatAnotherInstanceLoaded) {
  begin_instances();
  EXPECT_EQ(get(0), "first");
  settle(0);
  clock.advance(4'000ms);
  EXPECT_EQ(get(1), "first");
  EXPECT_EQ(at(1).origin.loads, 0);
  EXPECT_EQ(at(1).metrics.hits.at(CacheClass::lobby_page, CacheLevel::l2).value(), 1u);
  // It is as old here as there.
  clock.advance(5'999ms);
  EXPECT_EQ(get(1), "first");
  EXPECT_EQ(at(1).metrics.stale_served.at(CacheClass::lobby_page).value(), 0u);
  EXPECT_EQ(command({"EXISTS", name_of("k") + ":lease"})->number()[0], 0);
}

TEST_F(NearWithRedis, SharesTheKnowledgeThatThereIsNothing) {
  begin_instances();
  at(0).origin.value = nullptr;
  EXPECT_EQ(get(0), "nothing");
  settle(0);
  EXPECT_EQ(get(1), "nothing");
  EXPECT_EQ(at(1).origin.loads, 0);
  auto const left = command({"PTTL", name_of("k")});
  EXPECT_GT(*left->number(), 0);
  EXPECT_LE(*left->number(), 2'000);
}

TEST_F(NearWithRedis, LoadsOnceForAllInstances) {
  options.lease = 60s;  // It must not end by itself.
  options.lease_wait = 10s;
  begin_instances();
  at(0).origin.closed = true;
  auto const first = begin(0);
  until([&] { return at(0).origin.loads == 1; });
  std::vector<std::shared_ptr<Reading>> others;
  for (int i = 0; i < 100; ++i) others.push_back(begin(1));
  until([&] { return at(1).metrics.leases_waited.value() == 1; });
  at(0).origin.closed = false;
  until([&] { return std::ranges::all_of(others, [](auto const &other) { return other->ended(); }); });
  for (auto const &other : others) EXPECT_EQ(other->text(), "first");
  EXPECT_EQ(at(1).origin.loads, 0);
  EXPECT_EQ(at(1).metrics.leases_overrun.value(), 0u);
}

TEST_F(NearWithRedis, LoadsItselfWhenAnotherInstanceTakesTooLong) {
  options.lease_wait = 20ms;
  begin_instances();
  at(0).origin.closed = true;
  auto const first = begin(0);
  until([&] { return at(0).origin.loads == 1; });
  EXPECT_EQ(get(1), "first");
  EXPECT_EQ(at(1).origin.loads, 1);
  EXPECT_EQ(at(1).metrics.leases_overrun.value(), 1u);
}

TEST_F(NearWithRedis, GivesItsLeaseBackWhenTheLoadFails) {
  options.lease = 60s;  // It must not end by itself.
  options.lease_wait = 10s;
  begin_instances();
  at(0).origin.failure = Error{Errc::unavailable, "away"};
  at(0).origin.closed = true;
  auto const failing = begin(0);
  until([&] { return at(0).origin.loads == 1; });
  auto const other = begin(1);
  until([&] { return at(1).metrics.leases_waited.value() == 1; });
  at(0).origin.closed = false;
  until([&] { return other->ended(); });
  EXPECT_EQ(other->text(), "first");
  EXPECT_EQ(at(1).origin.loads, 1);
  EXPECT_EQ(at(1).metrics.leases_overrun.value(), 0u);
}

TEST_F(NearWithRedis, ServesAStaleValueOfRedisWhenTheOriginFails) {
  begin_instances();
  EXPECT_EQ(get(0), "first");
  settle(0);
  at(1).origin.failure = Error{Errc::unavailable, "away"};
  clock.advance(14'999ms);
  EXPECT_EQ(get(1), "first");
  EXPECT_EQ(at(1).metrics.stale_served.at(CacheClass::lobby_page).value(), 1u);
  clock.advance(1ms);
  auto const late = begin(1);
  until([&] { return late->ended(); });
  ASSERT_TRUE(late->got);
  EXPECT_FALSE(*late->got);
}

TEST_F(NearWithRedis, ForgetsWhatAnotherInstanceChanged) {
  begin_instances();
  EXPECT_EQ(get(0), "first");
  settle(0);
  EXPECT_EQ(get(1), "first");
  at(1).origin.value = text("second");
  at(1).origin.version = 3;
  invalidate(0, 2);
  until([&] { return !holds(1); });
  EXPECT_FALSE(holds(1));
  EXPECT_EQ(get(1), "second");
  EXPECT_EQ(at(1).metrics.invalidations.at(CacheClass::lobby_page).value(), 1u);
  settle(1);
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->version, 3u);
}

TEST_F(NearWithRedis, NeverBringsBackWhatAnotherInstanceChangedDuringTheLoad) {
  // Deaf, so that only Redis can tell it.
  options.address.reset();
  begin_instances();
  at(0).origin.closed = true;
  auto const reading = begin(0);
  until([&] { return at(0).origin.loads == 1; });
  invalidate(1, 2);
  at(0).origin.closed = false;
  until([&] { return at(0).metrics.refused_fills.at(CacheClass::lobby_page, CacheLevel::l2).value() == 1; });
  EXPECT_EQ(reading->text(), "first");
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->kind, Record::Kind::tombstone);
  // Not even to itself: the refusal has told it.
  EXPECT_FALSE(holds(0));
  at(0).origin.value = text("second");
  at(0).origin.version = 3;
  EXPECT_EQ(get(0), "second");
}

TEST_F(NearWithRedis, IsNeverOlderThanItsTtlWhenMessagesAreLost) {
  options.address.reset();
  begin_instances();
  EXPECT_EQ(get(0), "first");
  settle(0);
  EXPECT_EQ(get(1), "first");
  at(1).origin.value = text("second");
  at(1).origin.version = 3;
  invalidate(0, 2);
  EXPECT_EQ(get(1), "first");
  clock.advance(15'000ms);
  EXPECT_EQ(get(1), "second");
}

TEST_F(NearWithRedis, FlushesWhatCanChangeAtBothEndsOfALoss) {
  begin_instances();
  EXPECT_EQ(get(0), "first");
  auto const fixed = begin_get(at(0).shard, at(0).near(), texts.fixed, "s", at(0).origin);
  until([&] { return fixed->ended(); });
  auto const flushes = at(0).metrics.flushes.value();
  servers().kill_redis();
  until([&] { return !at(0).near().listening(); });
  EXPECT_EQ(at(0).metrics.flushes.value(), flushes + 1);
  EXPECT_FALSE(holds(0));
  EXPECT_TRUE(at(0).near().find(texts.fixed, "s", at(0).origin.loader()));
  EXPECT_GE(lines_with("redis is down reason=\"the connection was lost\""), 1u);
  EXPECT_GE(lines_with("redis subscription is not in force reason="), 1u);
  EXPECT_EQ(at(0).redis.subscriptions_lost.value(), 1u);
  // Away, the memory and the origin carry on.
  EXPECT_EQ(get(0), "first");
  EXPECT_TRUE(holds(0));
  at(0).origin.closed = true;
  auto const reading = begin(0, "in flight");
  until([&] { return at(0).origin.loads == 4; });
  servers().start_redis();
  until([&] { return up(0) && up(1); });
  EXPECT_EQ(at(0).metrics.flushes.value(), flushes + 2);
  EXPECT_FALSE(holds(0));
  // What was read before the gap was over may have missed a change.
  at(0).origin.closed = false;
  until([&] { return reading->ended(); });
  EXPECT_EQ(reading->text(), "first");
  EXPECT_FALSE(holds(0, "in flight"));
}

TEST_F(NearWithRedis, TellsRedisOfChangesOnceItIsBack) {
  begin_instances();
  EXPECT_EQ(get(0), "first");
  settle(0);
  ASSERT_TRUE(command({"SAVE"}));
  servers().kill_redis();
  until([&] { return at(0).client.health() == redis::Health::down; });
  invalidate(0, 2);
  EXPECT_GE(trouble(0, RemoteTrouble::away), 1u);
  servers().start_redis();
  until([&] { return up(0) && up(1); });
  until([&] {
    auto const record = stored();
    return record && record->kind == Record::Kind::tombstone;
  });
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->kind, Record::Kind::tombstone);
  EXPECT_EQ(stored()->version, 2u);
}

TEST_F(NearWithRedis, AnswersFromTheOriginWhileRedisIsPaused) {
  options.remote_limit = 30ms;
  options.heartbeat = 20ms;
  begin_instances();
  EXPECT_EQ(get(0), "first");
  auto const info = command({"INFO", "server"});
  auto const at_id = info->text()->find("process_id:");
  ASSERT_NE(at_id, std::string::npos);
  auto const pid = static_cast<pid_t>(std::stol(info->text()->substr(at_id + 11)));
  // Goes on in any case, or the servers could not be removed.
  std::shared_ptr<void> const goes_on(nullptr, [pid](void *) { ::kill(pid, SIGCONT); });
  ASSERT_EQ(::kill(pid, SIGSTOP), 0);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get(0, "other" + std::to_string(i)), "first");
  EXPECT_GE(trouble(0, RemoteTrouble::timeout), 1u);
  // A Redis that says nothing is as good as gone.
  until([&] { return !at(0).near().listening(); });
  EXPECT_FALSE(at(0).near().listening());
  EXPECT_FALSE(holds(0));
  EXPECT_GE(lines_with("redis is down reason=\"Redis is too slow\""), 1u);
  EXPECT_GE(lines_with("redis subscription is not in force"), 1u);
  at(0).origin.value = text("second");
  at(0).origin.version = 3;
  invalidate(0, 2);
  ASSERT_EQ(::kill(pid, SIGCONT), 0);
  until([&] { return up(0) && up(1); });
  EXPECT_TRUE(up(0) && up(1));
  EXPECT_EQ(get(0), "second") << "what Redis held all the while is from before";
  settle(0);
  EXPECT_EQ(get(1), "second");
}

TEST_F(NearWithRedis, LoadsAndReplacesWhatIsNoEntry) {
  begin_instances();
  EXPECT_EQ(get(0), "first");
  settle(0);
  std::string const good = *command({"GET", name_of("k")})->text();
  std::string const high_version_garbage = "TF\x01" + std::string(60, '\x7f');
  Record foreign = *decode_record(good);
  foreign.payload = "of another program";
  std::vector<std::string> const bad{"",
                                     "garbage",
                                     good.substr(0, good.size() - 1),
                                     good.substr(0, 20),
                                     high_version_garbage,
                                     encode_record(foreign, 1'024)};
  for (std::size_t i = 0; i < bad.size(); ++i) {
    std::string const key = "bad" + std::to_string(i);
    ASSERT_TRUE(command({"SET", name_of(key), bad[i]}));
    EXPECT_EQ(get(1, key), "first") << i;
    settle(1);
    EXPECT_EQ(trouble(1, RemoteTrouble::garbage), i + 1);
    ASSERT_TRUE(stored(key)) << i;
    EXPECT_EQ(stored(key)->payload, "text:first") << i;
  }
  EXPECT_EQ(lines_with("redis holds an entry that cannot be read class=lobby_page key=bad0"), 1u);
}

TEST_F(NearWithRedis, LoadsAndReplacesWhatHasTheWrongType) {
  begin_instances();
  ASSERT_TRUE(command({"LPUSH", name_of("k"), "x"}));
  EXPECT_EQ(get(0), "first");
  settle(0);
  EXPECT_EQ(trouble(0, RemoteTrouble::wrong_type), 1u);
  EXPECT_EQ(lines_with("redis refuses the cache reply=\"WRONGTYPE"), 1u);
  ASSERT_TRUE(stored());
  ASSERT_TRUE(command({"DEL", name_of("k")}));
  ASSERT_TRUE(command({"LPUSH", name_of("k"), "x"}));
  invalidate(0, 2);
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->kind, Record::Kind::tombstone);
}

TEST_F(NearWithRedis, InvalidatesEvenWhenTheMemoryOfRedisIsFull) {
  begin_instances();
  EXPECT_EQ(get(0), "first");
  settle(0);
  EXPECT_EQ(get(1), "first");
  ASSERT_TRUE(command({"CONFIG", "SET", "maxmemory-policy", "noeviction"}));
  ASSERT_TRUE(command({"CONFIG", "SET", "maxmemory", "1"}));
  EXPECT_EQ(get(0, "more"), "first");
  settle(0);
  EXPECT_GE(trouble(0, RemoteTrouble::refused), 1u);
  EXPECT_EQ(lines_with("redis refuses the cache"), 1u);
  at(1).origin.value = text("second");
  at(1).origin.version = 3;
  invalidate(0, 2);
  until([&] { return !holds(1); });
  EXPECT_EQ(get(1), "second");
  EXPECT_FALSE(stored());
  ASSERT_TRUE(command({"CONFIG", "SET", "maxmemory", "0"}));
}

TEST_F(NearWithRedis, CountsMessagesThatAreNotItsOwn) {
  begin_instances();
  ASSERT_TRUE(command({"PUBLISH", "tableforge:invalidations", "hello"}));
  until([&] { return trouble(1, RemoteTrouble::unwanted) == 1; });
  EXPECT_EQ(trouble(1, RemoteTrouble::unwanted), 1u);
}

TEST_F(NearWithRedis, KeepsDeploymentsApart) {
  begin_instances();
  options.name_space = "other";
  instances.push_back(std::make_unique<Instance>(2, options, runtime));
  until([this] { return up(2); });
  EXPECT_EQ(get(0), "first");
  settle(0);
  at(2).origin.value = text("elsewhere");
  EXPECT_EQ(get(2), "elsewhere");
  invalidate(0, 2);
  settle(2);
  EXPECT_TRUE(holds(2));
}

TEST_F(NearWithRedis, AuditsWhatRedisHad) {
  begin_instances();
  EXPECT_TRUE(texts.knobs.cache_lobby_page.audit_every.set(1));
  EXPECT_EQ(get(0), "first");
  settle(0);
  texts.unseen = [](auto...) -> asio::awaitable<Unseen> { co_return 700ms; };
  EXPECT_EQ(get(1), "first");
  auto const &stale = at(1).metrics.audits.at(CacheClass::lobby_page, metrics::AuditResult::stale);
  until([&] { return stale.value() == 1; });
  EXPECT_EQ(stale.value(), 1u);
}

/// The bound is only as good as the clocks, and what they hide the origin's own record shows.
TEST_F(NearWithRedis, FindsByAuditThatAFillersClockWasAhead) {
  begin_instances();
  EXPECT_TRUE(texts.knobs.cache_lobby_page.audit_every.set(1));
  Record const future{.kind = Record::Kind::value,
                      .version = 1,
                      .filled_at = clock.wall_now + 1h,
                      .load_cost = 1ms,
                      .payload = "text:old"};
  ASSERT_TRUE(command({"SET", name_of("k"), encode_record(future, 1'024)}));
  texts.unseen = [](auto...) -> asio::awaitable<Unseen> { co_return 16s; };
  EXPECT_EQ(get(1), "old");
  auto const &beyond = at(1).metrics.audits.at(CacheClass::lobby_page, metrics::AuditResult::beyond_bound);
  until([&] { return beyond.value() == 1; });
  EXPECT_EQ(beyond.value(), 1u);
  EXPECT_EQ(lines_with("a value was served that its class does not allow to be so old"), 1u);
}

TEST_F(NearWithRedis, PutsForOtherInstancesAndTellsThemOnlyOfWhatItTakesThePlaceOf) {
  begin_instances();
  put(0, "second", 2);
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->version, 2u);
  EXPECT_EQ(get(1), "second");
  EXPECT_EQ(at(1).origin.loads, 0);
  // It has only added.
  settle(1);
  EXPECT_EQ(at(1).redis.messages.value(), 0u);
  EXPECT_TRUE(holds(1));

  put(0, "third", 3);
  until([&] { return !holds(1); });
  EXPECT_FALSE(holds(1));
  EXPECT_EQ(at(1).redis.messages.value(), 1u);
  EXPECT_EQ(get(1), "third");
  EXPECT_EQ(get(0), "third");
  EXPECT_EQ(at(0).origin.loads + at(1).origin.loads, 0);

  put(0, "third again", 3);
  settle(1);
  EXPECT_TRUE(holds(1)) << "the same version is no news";
  EXPECT_EQ(at(1).redis.messages.value(), 1u);
}

TEST_F(NearWithRedis, PutsNothingOlderThanWhatAnotherInstanceHasPut) {
  begin_instances();
  put(1, "third", 3);
  put(0, "second", 2);
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->version, 3u);
  EXPECT_EQ(at(0).metrics.refused_fills.at(CacheClass::lobby_page, CacheLevel::l2).value(), 1u);
  until([&] { return !holds(0); });
  EXPECT_EQ(get(0), "third") << "what refused it is what is served";
}

TEST_F(NearWithRedis, DiscardsFromRedisOnlyWhatIsStillThere) {
  begin_instances();
  std::string const value(4'000, 'x');
  at(0).origin.value = text(value);
  EXPECT_EQ(get(0), value);
  settle(0);
  // As an instance would write it that compresses less.
  auto const there = stored();
  ASSERT_TRUE(there);
  ASSERT_TRUE(command({"SET", name_of("k"), encode_record(*there, 1'000'000)}));
  run(at(0), at(0).near().discard(texts.changing, "k", text("another")));
  EXPECT_TRUE(stored()) << "somebody has put something better there";
  run(at(0), at(0).near().discard(texts.changing, "k", text(value)));
  EXPECT_EQ(*command({"EXISTS", name_of("k")})->number(), 0);
  EXPECT_FALSE(holds(0));
  EXPECT_EQ(trouble(0, RemoteTrouble::garbage), 2u);
  EXPECT_EQ(lines_with("redis holds an entry that cannot be read class=lobby_page key=k"), 1u);
}

TEST_F(NearWithRedis, OwesRedisNoMoreThanItsBoundAndOneForEachKey) {
  options.owed_max = 3;
  begin_instances();
  for (std::string const key : {"a", "b", "c", "d"}) {
    EXPECT_EQ(get(0, key), "first");
    settle(0);
  }
  ASSERT_TRUE(command({"SAVE"}));
  servers().kill_redis();
  until([&] { return at(0).client.health() == redis::Health::down; });
  invalidate(0, 2, "a");
  invalidate(0, 2, "b");
  for (Version version = 2; version < 20; ++version) invalidate(0, version, "c");
  EXPECT_EQ(at(0).metrics.owed.value(), 3);
  auto const &dropped = at(0).metrics.owed_dropped.at(CacheClass::lobby_page);
  EXPECT_EQ(dropped.value(), 0u);
  invalidate(0, 2, "d");
  EXPECT_EQ(at(0).metrics.owed.value(), 3);
  EXPECT_EQ(dropped.value(), 1u);
  EXPECT_EQ(lines_with("redis is owed too many invalidations; what it holds of the oldest ends with its ttl "
                       "class=lobby_page key=a"),
            1u);
  servers().start_redis();
  until([&] { return up(0) && up(1) && at(0).metrics.owed.value() == 0; });
  EXPECT_EQ(at(0).metrics.owed.value(), 0);
  ASSERT_TRUE(stored("a") && stored("b") && stored("c") && stored("d"));
  EXPECT_EQ(stored("a")->kind, Record::Kind::value);
  EXPECT_EQ(stored("b")->kind, Record::Kind::tombstone);
  EXPECT_EQ(stored("c")->version, 19u);
  EXPECT_EQ(stored("d")->kind, Record::Kind::tombstone);
  // What was dropped is bounded all the same.
  EXPECT_EQ(get(1, "a"), "first");
  clock.advance(15'000ms);
  at(1).origin.value = text("second");
  at(1).origin.version = 3;
  EXPECT_EQ(get(1, "a"), "second");
}

/// Fills and invalidations of many versions cross each other in any order; what is left is what one rule says.
TEST_F(NearWithRedis, KeepsTheNewestHoweverFillsAndInvalidationsCross) {
  begin_instances();
  std::string const given = std::getenv("TABLEFORGE_SEED") ? std::getenv("TABLEFORGE_SEED") : "";
  unsigned const seed = given.empty() ? std::random_device{}() : static_cast<unsigned>(std::stoul(given));
  SCOPED_TRACE("TABLEFORGE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::unique_ptr<Remote>> remotes;
  for (auto &instance : instances) {
    remotes.push_back(std::make_unique<Remote>(instance->client, Remote::Options{.limit = 10s},
                                               "instance" + std::to_string(remotes.size()), instance->metrics));
  }
  auto const &cls = texts.changing.spec();
  for (int round = 0; round < 50; ++round) {
    std::string const key = "k" + std::to_string(round);
    Version newest_fill = 0;
    Version newest_mark = 0;
    int pending = 0;
    for (int i = 0; i < 20; ++i) {
      auto const which = random() % 2;
      // From the middle of 64 bits, where doubles no longer tell neighbours apart.
      Version const version = (Version{1} << 60) + random() % 12;
      ++pending;
      if (random() % 3 == 0) {
        newest_mark = std::max(newest_mark, version);
        asio::co_spawn(at(which).shard.executor(), remotes[which]->invalidate(cls, key, version),
                       [&](std::exception_ptr, bool done) { pending -= done ? 1 : 1'000; });
      } else {
        newest_fill = std::max(newest_fill, version);
        asio::co_spawn(at(which).shard.executor(),
                       remotes[which]->fill(cls, key, {.version = version, .payload = std::to_string(version)}, 60s),
                       [&](std::exception_ptr, std::optional<Version>) { --pending; });
      }
    }
    until([&] { return pending == 0; });
    ASSERT_EQ(pending, 0);
    auto const left = stored(key);
    ASSERT_TRUE(left);
    if (newest_fill > newest_mark) {
      EXPECT_EQ(left->kind, Record::Kind::value);
      EXPECT_EQ(left->version, newest_fill);
      EXPECT_EQ(left->payload, std::to_string(newest_fill));
    } else {
      EXPECT_EQ(left->kind, Record::Kind::tombstone);
      EXPECT_EQ(left->version, newest_mark);
    }
  }
}

/// One instance of four shards on threads of their own.
class NearOnThreads : public testing::Test {
 public:
  static constexpr unsigned kShards = 4;

  NearOnThreads() {
    log::init({.level = log::Level::error});
    options.address = client_options().address;
    options.remote_limit = 5s;
    options.load_limit = 30s;
    options.tombstone_ttl = 60s;
    std::vector<Nears::Seat> seats;
    for (unsigned i = 0; i < kShards; ++i) {
      clients.push_back(std::make_unique<redis::Client>(shards[i], client_options(), redis));
      seats.push_back({shards[i], *clients[i]});
    }
    nears.emplace(seats, options, metrics, redis);
    shards.start();
    for (unsigned i = 0; i < kShards; ++i) {
      on(i, [](redis::Client &client, Near &near) -> asio::awaitable<void> {
        client.start();
        near.start();
        while (client.health() != redis::Health::up || !near.listening()) co_await runtime::sleep_for(1ms);
      }(*clients[i], (*nears)[i]));
    }
    // Another test may have left something there.
    on(0, [](redis::Client &client) -> asio::awaitable<void> {
      static_cast<void>(co_await client.command({"FLUSHALL"}, 5s));
    }(*clients[0]));
  }
  ~NearOnThreads() override {
    for (unsigned i = 0; i < kShards; ++i) {
      on(i, [](redis::Client &client, Near &near) -> asio::awaitable<void> {
        co_await near.close();
        co_await client.close();
      }(*clients[i], (*nears)[i]));
    }
    shards.stop();
    shards.join();
    log::init({});
  }

  /// Runs a task on a shard and waits for its end.
  void on(unsigned i, asio::awaitable<void> task) {
    std::promise<void> done;
    asio::co_spawn(shards[i].executor(), std::move(task), [&](std::exception_ptr) { done.set_value(); });
    ASSERT_EQ(done.get_future().wait_for(60s), std::future_status::ready);
  }

  Texts texts;
  NearOptions options;
  metrics::RuntimeMetrics runtime;
  metrics::RedisMetrics redis;
  metrics::CacheMetrics metrics;
  runtime::Shards shards{kShards, runtime};
  runtime::BlockingPool pool{{.name = "origin", .threads = 2}, runtime};
  std::vector<std::unique_ptr<redis::Client>> clients;
  std::optional<Nears> nears;
};

TEST_F(NearOnThreads, LoadsOnceForTenThousandWaiters) {
  constexpr unsigned kWaiters = 10'000;
  std::atomic<int> loads{0};
  std::atomic<unsigned> answered{0};
  std::atomic<unsigned> right{0};
  auto const &coalesced = metrics.coalesced.at(CacheClass::lobby_page);
  auto const read = [&]() -> Result<Loaded<std::string>> {
    ++loads;
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    while (coalesced.value() < kWaiters - 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return Loaded<std::string>{text("hot"), 1};
  };
  auto const load = [&] { return pool.run(read, 25s); };
  for (unsigned i = 0; i < kShards; ++i) {
    shards[i].post([&, i] {
      for (unsigned n = 0; n < kWaiters / kShards; ++n) {
        asio::co_spawn(shards[i].executor(), (*nears)[i].get(texts.changing, "hot", load),
                       [&](std::exception_ptr, std::optional<Got> got) {
                         if (got && *got && **got && ***got == "hot") ++right;
                         ++answered;
                       });
      }
    });
  }
  auto const deadline = std::chrono::steady_clock::now() + 40s;
  while (answered < kWaiters && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(right.load(), kWaiters);
  EXPECT_EQ(loads.load(), 1);
}

/// A writer on one shard, readers on the others: whoever asks after invalidate() has ended sees the change.
TEST_F(NearOnThreads, ShowsAChangeToAllShardsOnceItsInvalidationHasEnded) {
  std::atomic<Version> origin{1};
  std::atomic<int> stale{0};
  auto const load = [&]() -> asio::awaitable<Result<Loaded<std::string>>> {
    return [](std::atomic<Version> &its) -> asio::awaitable<Result<Loaded<std::string>>> {
      auto const version = its.load();
      co_await asio::post(asio::use_awaitable);
      co_return Loaded<std::string>{text(std::to_string(version)), version};
    }(origin);
  };
  std::atomic<bool> stop{false};
  std::atomic<Version> told{1};
  std::atomic<unsigned> reads{0};
  std::vector<std::future<void>> readers;
  for (unsigned i = 1; i < kShards; ++i) {
    auto done = std::make_shared<std::promise<void>>();
    readers.push_back(done->get_future());
    asio::co_spawn(
        shards[i].executor(),
        [](Near &near, Class<std::string> const &cls, auto its_load, std::atomic<bool> &its_stop,
           std::atomic<Version> &its_told, std::atomic<int> &its_stale,
           std::atomic<unsigned> &its_reads) -> asio::awaitable<void> {
          while (!its_stop) {
            Version const at_least = its_told.load();
            auto const got = co_await near.get(cls, "k", its_load);
            if (!got || !*got || std::stoull(**got) < at_least) ++its_stale;
            ++its_reads;
            co_await asio::post(asio::use_awaitable);
          }
        }((*nears)[i], texts.changing, load, stop, told, stale, reads),
        [done](std::exception_ptr) { done->set_value(); });
  }
  for (Version version = 2; version < 502; ++version) {
    origin = version;
    on(0, (*nears)[0].invalidate(texts.changing, "k", version - 1));
    told = version;
  }
  stop = true;
  for (auto &reader : readers) ASSERT_EQ(reader.wait_for(60s), std::future_status::ready);
  EXPECT_EQ(stale.load(), 0);
  EXPECT_GT(reads.load(), 500u);
}

}  // namespace
}  // namespace tableforge::cache
