#include "tableforge/storage/cached_reads.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/redis/client.hpp"
#include "tableforge/storage/memory_lobby_stores.hpp"

#include "cache/record.hpp"
#include "store_worlds.hpp"
#include "support/private_servers.hpp"

namespace tableforge::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using metrics::AuditResult;
using metrics::CacheClass;
using storage::CachedReads;

/// Stands for the database that two instances share: it counts how often it is asked.
struct Origin {
  storage::MemoryTableDirectory directory;
  std::vector<table::Event> history;
  std::atomic<int> pages{0};
  std::atomic<int> chunks{0};
  std::chrono::seconds passed{0};  ///< Since the latest change, beyond what the test really took.

  CachedReads::Origin reads() {
    return {.tables =
                [this](std::optional<TableId> after) {
                  ++pages;
                  auto page = directory.page(after, 5);
                  page->at += passed;
                  return page;
                },
            .events = [this](TableId, Seq from, std::size_t limit) -> Result<std::vector<table::Event>> {
              ++chunks;
              std::vector<table::Event> events;
              for (auto const &event : history) {
                if (event.seq >= from && event.seq < from + limit) events.push_back(event);
              }
              return events;
            }};
  }
};

/// Two instances of one shard each, turned by the test, with or without a real Redis between them.
class CachedReadsContract : public testing::TestWithParam<bool> {
 protected:
  struct Instance {
    Instance(Origin &origin, std::optional<redis::Address> const &address, Knobs const &knobs)
        : client(own_thread(shards)[0], {.address = address}, redis),
          nears(std::array<cache::Nears::Seat, 1>{{{shards[0], client}}},
                {.address = address, .load_limit = 20s, .remote_limit = 5s, .tombstone_ttl = 60s}, cache, redis),
          reads({.shards = shards, .nears = nears, .pool = pool, .knobs = knobs, .origin = origin.reads()}) {
      client.start();
      nears[0].start();
    }
    static runtime::Shards &own_thread(runtime::Shards &shards) {
      shards[0].adopt_this_thread();
      return shards;
    }

    metrics::RuntimeMetrics runtime;
    metrics::RedisMetrics redis;
    metrics::CacheMetrics cache;
    runtime::Shards shards{1, runtime};
    runtime::BlockingPool pool{{.name = "test"}, runtime};
    redis::Client client;
    cache::Nears nears;
    CachedReads reads;
  };

  CachedReadsContract() {
    log::init({.sink = [this](std::string_view line) { lines.emplace_back(line); }});
    // Longer than any test: nothing here happens by waiting.
    EXPECT_TRUE(knobs.cache_lobby_page.ttl.set(3'600'000ms));
    EXPECT_TRUE(knobs.cache_lobby_page.early_refresh_beta.set(0));
    std::optional<redis::Address> address;
    if (GetParam()) address = redis::parse_url(PrivateServers::shared().redis_url()).value();
    for (int i = 0; i < 2; ++i) instances.push_back(std::make_unique<Instance>(origin, address, knobs));
    if (!address) return;
    until([&] {
      return std::ranges::all_of(instances, [](auto const &each) {
        return each->client.health() == redis::Health::up && each->nears[0].listening();
      });
    });
    EXPECT_TRUE(command({"FLUSHALL"}));
  }
  ~CachedReadsContract() override {
    for (auto &each : instances) {
      wait_for(*each, each->nears[0].close());
      wait_for(*each, each->client.close());
    }
    log::init({});
  }

  void until(std::function<bool()> const &holds) {
    auto const deadline = std::chrono::steady_clock::now() + 15s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      std::size_t handlers = 0;
      for (auto &each : instances) handlers += each->shards[0].turn();
      if (handlers == 0) instances.front()->shards[0].context().run_one_for(1ms);
    }
    EXPECT_TRUE(holds());
  }
  template <class T>
  T wait_for(Instance &instance, asio::awaitable<T> task) {
    std::optional<T> value;
    asio::co_spawn(instance.shards[0].executor(), std::move(task),
                   [&](std::exception_ptr, T result) { value = std::move(result); });
    until([&] { return value.has_value(); });
    return std::move(value).value();
  }
  void wait_for(Instance &instance, asio::awaitable<void> task) {
    bool done = false;
    asio::co_spawn(instance.shards[0].executor(), std::move(task), [&](std::exception_ptr) { done = true; });
    until([&] { return done; });
  }
  Result<redis::Reply> command(std::vector<std::string> words) {
    return wait_for(at(0), at(0).client.command(std::move(words), 10s));
  }
  /// What follows an answer, such as a value's way to Redis.
  void settle(Instance &instance) {
    if (!GetParam()) return;
    for (int i = 0; i < 3; ++i) static_cast<void>(wait_for(instance, instance.client.command({"PING"}, 10s)));
  }
  Instance &at(std::size_t i) { return *instances[i]; }

  void play(Seq events) {
    for (Seq seq = 1; seq <= events; ++seq) {
      play_one(seq, Time(std::chrono::microseconds(1'795'000'000'000'000 + static_cast<std::int64_t>(seq))));
    }
  }
  void play_one(Seq seq, Time when) {
    origin.history.push_back({.seq = seq,
                              .at = when,
                              .by = PlayerId(Uuid()),
                              .client = ClientId("c"),
                              .action = ActionId(std::to_string(seq)),
                              .fingerprint = seq,
                              .change = table::ChatSaid{.text = "line " + std::to_string(seq)}});
  }
  std::uint64_t audits(CacheClass cls, AuditResult result) { return at(0).cache.audits.at(cls, result).value(); }
  static std::string words_of(std::span<table::Event const> events) {
    std::string out;
    for (auto const &event : events) {
      out += std::to_string(event.seq) + ":" + std::get<table::ChatSaid>(event.change).text + ";";
    }
    return out;
  }
  std::string history(std::size_t i, Seq from, std::size_t limit, Seq head) {
    auto page =
        wait_for(at(i), at(i).reads.history({.table = table, .from = from, .limit = limit, .head = head}, words_of));
    settle(at(i));
    return page ? *page : "failed: " + std::string(page.error().text);
  }
  std::string truth(Seq from, std::size_t limit) {
    std::vector<table::Event> events;
    for (auto const &event : origin.history) {
      if (event.seq >= from && event.seq < from + limit) events.push_back(event);
    }
    return words_of(events);
  }
  lobby::TableRecord list(std::string name) {
    lobby::TableRecord const record{.id = new_table(),
                                    .name = std::move(name),
                                    .system = SystemId("chess"),
                                    .listing = table::Listing::open,
                                    .owner = PlayerId(Uuid::random()),
                                    .created_at = Time(std::chrono::microseconds(++clock_))};
    change = origin.directory.add(record).value();
    return record;
  }
  std::vector<std::string> names(std::size_t i, std::optional<TableId> after = std::nullopt) {
    auto const read = wait_for(at(i), at(i).reads.tables(after));
    settle(at(i));
    std::vector<std::string> out;
    for (auto const &each : **read) out.push_back(each.name);
    return out;
  }
  std::shared_ptr<host::KeptState const> state(std::size_t i) {
    auto found = wait_for(at(i), at(i).reads.table_states(0).find(table));
    settle(at(i));
    return found;
  }
  void keep(std::size_t i, Seq seq) {
    auto const kept = std::make_shared<host::KeptState const>(
        host::KeptState{.seq = seq, .snapshot_seq = 0, .document = "state " + std::to_string(seq)});
    wait_for(at(i), at(i).reads.table_states(0).keep(table, kept));
    settle(at(i));
  }
  std::size_t lines_with(std::string_view text) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [&](auto const &line) { return line.find(text) != std::string::npos; }));
  }

  std::vector<std::string> lines;
  Knobs knobs;
  Origin origin;
  std::vector<std::unique_ptr<Instance>> instances;
  TableId const table = new_table();
  std::uint64_t change = 0;

 private:
  std::int64_t clock_ = 1'795'000'000'000'000;
};

INSTANTIATE_TEST_SUITE_P(, CachedReadsContract, testing::Bool(),
                         [](auto const &param) { return param.param ? "WithRedis" : "WithoutRedis"; });

TEST_P(CachedReadsContract, ShowsEveryPartOfAHistoryAsItIs) {
  play(250);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < instances.size(); ++i) {
      for (Seq const from : {1U, 2U, 99U, 100U, 101U, 150U, 200U, 201U, 240U, 250U, 251U}) {
        for (std::size_t const limit : {1U, 99U, 100U, 101U, 200U}) {
          EXPECT_EQ(history(i, from, limit, 250), truth(from, limit)) << from << " " << limit << " round " << round;
        }
      }
    }
  }
}

TEST_P(CachedReadsContract, ReadsAWholeChunkOfAHistoryOnce) {
  play(250);
  EXPECT_EQ(history(0, 1, 200, 250), truth(1, 200));
  EXPECT_EQ(origin.chunks, 2);

  EXPECT_EQ(history(0, 51, 100, 250), truth(51, 100));
  EXPECT_EQ(origin.chunks, 2);
  EXPECT_EQ(history(1, 51, 100, 250), truth(51, 100));
  EXPECT_EQ(origin.chunks, GetParam() ? 2 : 4) << "Redis is what two instances share";
  EXPECT_EQ(history(0, 101, 200, 250), truth(101, 150));
  EXPECT_EQ(origin.chunks, GetParam() ? 3 : 5) << "what is behind the last whole chunk is always read";
}

TEST_P(CachedReadsContract, KeepsNoChunkOfAHistoryThatIsNotCommittedToItsEnd) {
  play(150);
  EXPECT_EQ(history(0, 101, 100, 150), truth(101, 50));
  auto const more = origin.history.back();
  for (Seq seq = 151; seq <= 200; ++seq) {
    origin.history.push_back(more);
    origin.history.back().seq = seq;
  }

  EXPECT_EQ(history(0, 101, 100, 199), truth(101, 100));
  EXPECT_EQ(history(0, 101, 100, 200), truth(101, 100));
  EXPECT_EQ(history(0, 101, 100, 200), truth(101, 100));
  EXPECT_EQ(origin.chunks, 3);
}

TEST_P(CachedReadsContract, AsksTheOriginWhereRedisHoldsNoEvents) {
  if (!GetParam()) GTEST_SKIP() << "there is no Redis";
  play(100);
  cache::Record const wrong{.kind = cache::Record::Kind::value,
                            .version = 0,
                            .filled_at = wall_clock_now(),
                            .load_cost = 1ms,
                            .payload = "[{\"no\":\"event\"}]"};
  auto const key = "tableforge:history_page:{" + table.value.text() + "}/1";
  ASSERT_TRUE(command({"SET", key, cache::encode_record(wrong, 1'024)}));

  EXPECT_EQ(history(0, 1, 100, 100), truth(1, 100));
  EXPECT_EQ(
      lines_with("redis holds an entry that cannot be read class=history_page key={" + table.value.text() + "}/1"), 1U);
  EXPECT_EQ(at(0).cache.remote_trouble.at(metrics::RemoteTrouble::garbage).value(), 1U);
  EXPECT_EQ(*command({"EXISTS", key})->number(), 0) << "the next reader is spared";

  EXPECT_EQ(history(0, 1, 100, 100), truth(1, 100));
  EXPECT_EQ(history(1, 1, 100, 100), truth(1, 100));
  EXPECT_EQ(origin.chunks, 2) << "one for the answer that was saved, one that all share";
  EXPECT_EQ(at(0).cache.remote_trouble.at(metrics::RemoteTrouble::garbage).value(), 1U);
}

TEST_P(CachedReadsContract, DropsAChunkThatCannotBeReadFromAllItHolds) {
  if (!GetParam()) GTEST_SKIP() << "there is no Redis";
  play(200);
  auto const key = "tableforge:history_page:{" + table.value.text() + "}/";
  // A whole body, but of too few events; and one that is said not to exist.
  std::vector<table::Event> const few(origin.history.begin() + 100, origin.history.begin() + 150);
  cache::Record wrong{.kind = cache::Record::Kind::value,
                      .version = 0,
                      .filled_at = wall_clock_now(),
                      .load_cost = 1ms,
                      .payload = codec::encode_events(few)};
  ASSERT_TRUE(command({"SET", key + "101", cache::encode_record(wrong, 1)}));
  wrong.kind = cache::Record::Kind::negative;
  wrong.payload.clear();
  ASSERT_TRUE(command({"SET", key + "1", cache::encode_record(wrong, 1)}));

  EXPECT_EQ(history(0, 1, 200, 200), truth(1, 200));
  EXPECT_EQ(*command({"EXISTS", key + "101"})->number(), 0);
  EXPECT_EQ(history(0, 1, 200, 200), truth(1, 200));
}

TEST_P(CachedReadsContract, ReadsTheListWhereRedisSaysThatThereIsNone) {
  if (!GetParam()) GTEST_SKIP() << "there is no Redis";
  list("Friday");
  cache::Record const none{.kind = cache::Record::Kind::negative,
                           .version = 1'000,
                           .filled_at = wall_clock_now(),
                           .load_cost = 1ms,
                           .payload = {}};
  ASSERT_TRUE(command({"SET", "tableforge:lobby_page:{first}", cache::encode_record(none, 1)}));
  EXPECT_EQ(names(0), (std::vector<std::string>{"Friday"}));
}

TEST_P(CachedReadsContract, ComparesListsThatWereServedWithTheDirectory) {
  EXPECT_TRUE(knobs.cache_lobby_page.audit_every.set(1));
  auto const friday = list("Friday");
  auto const saturday = list("Saturday");
  auto const read = [&](std::optional<TableId> after, AuditResult expected, std::uint64_t times) {
    names(0, after);
    until([&] { return audits(CacheClass::lobby_page, expected) == times; });
    EXPECT_EQ(audits(CacheClass::lobby_page, expected), times);
  };
  names(0);
  read(std::nullopt, AuditResult::current, 1);
  names(0, saturday.id);
  read(saturday.id, AuditResult::current, 2);
  EXPECT_EQ(at(0).cache.stale_age.at(CacheClass::lobby_page).snapshot().sum(), 0U);

  // Nobody tells of either.
  ASSERT_TRUE(origin.directory.rename(friday.id, "Thursday"));
  origin.passed = 10s;
  read(std::nullopt, AuditResult::stale, 1);
  read(saturday.id, AuditResult::stale, 2);
  list("Sunday");
  read(std::nullopt, AuditResult::stale, 3);
  read(saturday.id, AuditResult::stale, 4);
  auto const ages = at(0).cache.stale_age.at(CacheClass::lobby_page).snapshot();
  EXPECT_GE(ages.sum(), 39'000'000'000U) << "of each the oldest change counts";
  EXPECT_EQ(audits(CacheClass::lobby_page, AuditResult::skipped), 0U);
  EXPECT_EQ(audits(CacheClass::lobby_page, AuditResult::beyond_bound), 0U);
}

TEST_P(CachedReadsContract, ComparesStatesThatWereServedWithTheJournal) {
  EXPECT_TRUE(knobs.cache_table_state.audit_every.set(1));
  play(40);
  keep(0, 40);
  state(0);
  until([&] { return audits(CacheClass::table_state, AuditResult::current) == 1; });

  play_one(41, wall_clock_now() - 1s);
  play_one(42, wall_clock_now());
  state(0);
  until([&] { return audits(CacheClass::table_state, AuditResult::stale) == 1; });
  auto const ages = at(0).cache.stale_age.at(CacheClass::table_state).snapshot();
  EXPECT_GE(ages.sum(), 900'000'000U) << "since the first change that it has not seen";

  keep(0, 42);
  play_one(43, wall_clock_now() - 1h);
  state(0);
  until([&] { return audits(CacheClass::table_state, AuditResult::beyond_bound) == 1; });
}

TEST_P(CachedReadsContract, ComparesNothingWhileOthersWaitForThePool) {
  EXPECT_TRUE(knobs.cache_lobby_page.audit_every.set(1));
  list("Friday");
  names(0);
  std::promise<void> go_on;
  auto const held = go_on.get_future().share();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(at(0).pool.try_post([held] { held.wait(); }));
  auto const asked = origin.pages.load();
  names(0);
  until([&] { return audits(CacheClass::lobby_page, AuditResult::skipped) == 1; });
  go_on.set_value();
  EXPECT_EQ(origin.pages, asked);
}

TEST_P(CachedReadsContract, DoesNotTakeAHolesNeighboursForAChunk) {
  play(100);
  origin.history.erase(origin.history.begin() + 10);
  EXPECT_EQ(history(0, 1, 100, 100), "failed: events that were committed are not there");
}

TEST_P(CachedReadsContract, ListsTablesFromMemoryUntilTheListChanges) {
  list("Friday");
  EXPECT_EQ(names(0), (std::vector<std::string>{"Friday"}));
  auto const saturday = list("Saturday");
  EXPECT_EQ(names(0), (std::vector<std::string>{"Friday"})) << "nobody has told of it yet";
  EXPECT_EQ(names(1).size(), GetParam() ? 1U : 2U);

  wait_for(at(0), at(0).reads.tables_changed(change));

  EXPECT_EQ(names(0), (std::vector<std::string>{"Saturday", "Friday"}));
  until([&] { return names(1).size() == 2; });
  auto const asked = origin.pages.load();
  EXPECT_EQ(names(0).size() + names(1).size(), 4U);
  EXPECT_EQ(origin.pages, asked) << "what has seen the change is kept";
  EXPECT_EQ(names(0, saturday.id), (std::vector<std::string>{"Friday"}));
  EXPECT_TRUE(names(0, new_table()).empty());
}

TEST_P(CachedReadsContract, FindsTheNewestStateThatWasKept) {
  EXPECT_EQ(state(0), nullptr);
  keep(0, 40);
  keep(0, 30);
  ASSERT_NE(state(0), nullptr);
  EXPECT_EQ(state(0)->seq, 40U) << "an older one does not take its place";
  keep(0, 50);
  ASSERT_NE(state(0), nullptr);
  EXPECT_EQ(state(0)->seq, 50U);
  EXPECT_EQ(state(0)->document, "state 50");
  EXPECT_EQ(state(1) != nullptr && state(1)->seq == 50, GetParam());
}

TEST_P(CachedReadsContract, HasANewerStateTakeThePlaceOfAnOlderOneElsewhere) {
  keep(1, 40);
  keep(0, 50);
  until([&] { return !GetParam() || (state(1) != nullptr && state(1)->seq == 50); });
  EXPECT_EQ(state(1)->seq, GetParam() ? 50U : 40U);
}

TEST_P(CachedReadsContract, ForgetsAStateThatIsOfNoUse) {
  keep(0, 40);
  wait_for(at(0), at(0).reads.table_states(0).forget(table, 40));
  EXPECT_EQ(state(0), nullptr);
  keep(0, 41);
  ASSERT_NE(state(0), nullptr);
  EXPECT_EQ(state(0)->seq, 41U);
}

}  // namespace
}  // namespace tableforge::test
