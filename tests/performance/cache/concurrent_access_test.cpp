#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "tableforge/runtime/timer.hpp"

#include "load/fine_histogram.hpp"
#include "load/quantity.hpp"
#include "performance/cache/cache_instance.hpp"
#include "performance/cache/cache_report.hpp"
#include "performance/cache/query_count.hpp"
#include "performance/cache/things.hpp"
#include "support/private_servers.hpp"
#include "support/zipf.hpp"

namespace tableforge::test::concurrent_access {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cache::Clock;
using metrics::CacheClass;

constexpr std::size_t kWaiters = 10'000;

// Bar: on average over keys and rounds.
constexpr double kLoadsPerStormMax = 1.05;

constexpr std::size_t kMixedThings = 500;
constexpr std::size_t kMixedReaders = 16;  // On each shard.
constexpr std::size_t kMixedShards = 4;    // In each of two instances.

/// All who wait for one key at once.
struct Storm {
  Things &things;
  std::string key;
  std::atomic<std::size_t> right{0};
  std::atomic<std::size_t> too_old{0};
  std::atomic<std::size_t> left;
  std::promise<void> over{};

  Storm(Things &its_things, std::string its_key, std::size_t waiters)
      : things(its_things), key(std::move(its_key)), left(waiters) {}
};

asio::awaitable<void> wait_in(Storm &storm, cache::Near &near) {
  auto const asked_at = Clock::now();
  auto const got = co_await near.get(storm.things.cls(), storm.key, storm.things.loader(storm.key));
  if (got && *got && (*got)->key == storm.key && (*got)->whole()) {
    ++storm.right;
    if (storm.things.too_old(**got, asked_at)) ++storm.too_old;
  }
  if (storm.left.fetch_sub(1) == 1) storm.over.set_value();
}

void gather(Storm &storm, CacheInstance &instance, std::size_t waiters) {
  for (std::size_t shard = 0; shard < instance.size(); ++shard) {
    auto const count = waiters / instance.size();
    instance.shard(shard).post([&storm, &instance, shard, count] {
      for (std::size_t i = 0; i < count; ++i) {
        asio::co_spawn(instance.shard(shard).executor(), wait_in(storm, instance.near(shard)),
                       [](std::exception_ptr failure) {
                         if (failure) std::rethrow_exception(failure);
                       });
      }
    });
  }
}

asio::awaitable<void> fill(cache::Near &near, Things &things, std::vector<std::string> const &keys) {
  for (auto const &key : keys) {
    auto const got = co_await near.get(things.cls(), key, things.loader(key));
    if (!got) throw std::runtime_error("a fill failed: " + std::string(got.error().text));
  }
}

/// What the readers and writers of one shard have seen.
struct Seen {
  std::uint64_t reads = 0, hits = 0, changes = 0;
  std::uint64_t wrong = 0;    ///< Not whole, or another's.
  std::uint64_t failed = 0;   ///< An error.
  std::uint64_t too_old = 0;  ///< Past ttl and stale_while_revalidate.
  std::uint64_t undone = 0;   ///< From before a change of which this instance had told, complete.
  Things::Revisions served{};
};

/// Of one instance: the newest revision of each key whose invalidation has ended there.
using Told = std::vector<std::atomic<std::uint64_t>>;

struct Mixed {
  Things &things;
  CacheInstance &instance;
  Told &told;
  std::size_t first;
  Clock::time_point until;
};

void judge(Result<std::shared_ptr<Thing const>> const &got, std::string const &key, Clock::time_point asked_at,
           std::uint64_t told, Mixed const &mixed, Seen &seen) {
  ++seen.reads;
  if (!got || !*got) {
    ++seen.failed;
    return;
  }
  Thing const &thing = **got;
  if (thing.key != key || !thing.whole()) {
    ++seen.wrong;
    return;
  }
  if (mixed.things.too_old(thing, asked_at)) ++seen.too_old;
  if (thing.revision < told) ++seen.undone;
  Things::take(seen.served, thing);
}

asio::awaitable<void> change_one(Mixed const &mixed, cache::Near &near, std::size_t number, Seen &seen) {
  auto const key = Things::key(mixed.first + number);
  auto const changed = co_await mixed.things.change(key);
  if (!changed) {
    ++seen.failed;
    co_return;
  }
  co_await near.invalidate(mixed.things.cls(), key, changed->version);
  ++seen.changes;
  auto &told = mixed.told[number];
  auto before = told.load();
  while (before < changed->revision && !told.compare_exchange_weak(before, changed->revision)) {
  }
}

asio::awaitable<void> mix(Mixed mixed, std::size_t shard, std::uint64_t seed, Seen &seen) {
  auto &near = mixed.instance.near(shard);
  std::mt19937_64 random(seed);
  Zipf zipf(kMixedThings, 0.9, seed);
  while (Clock::now() < mixed.until) {
    auto const number = zipf();
    if (random() % 50 == 0) {
      co_await change_one(mixed, near, number, seen);
      continue;
    }
    auto const key = Things::key(mixed.first + number);
    auto const told = mixed.told[number].load();
    auto const asked_at = Clock::now();
    auto const found = near.find(mixed.things.cls(), key, mixed.things.loader(key));
    if (found) {
      ++seen.hits;
      judge(*found, key, asked_at, told, mixed, seen);
    } else {
      judge(co_await near.get(mixed.things.cls(), key, mixed.things.loader(key)), key, asked_at, told, mixed, seen);
    }
    co_await asio::post(asio::use_awaitable);
  }
}

class ConcurrentAccess : public testing::Test {
 protected:
  /// Lets keys expire, and has so many ask for each of them at once. Answers the loads for one key.
  double storm(std::string const &words, std::size_t instances) {
    // Long enough that all who ask have asked before it is answered, and that what it brings outlives the asking.
    auto const takes = by_mode(30ms, 100ms);
    auto const ttl = by_mode(400ms, 1'500ms);
    Things things({.database_url = url_, .read_takes = takes});
    auto &knobs = things.class_knobs();
    // Nothing but a load helps: it is not refreshed early, and what is past its time is not served.
    EXPECT_TRUE(knobs.ttl.set(ttl) && knobs.stale_while_revalidate.set(0ms) && knobs.early_refresh_beta.set(0));
    std::size_t const keys = by_mode<std::size_t>(2, 8);
    int const rounds = by_mode(1, 4);
    things.make(0, keys, 500);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < keys; ++i) names.push_back(Things::key(i));

    auto const name_space = fresh_name_space();
    std::vector<std::unique_ptr<CacheInstance>> all;
    for (std::size_t i = 0; i < instances; ++i) {
      all.push_back(std::make_unique<CacheInstance>(CacheInstance::Options{.shards = 2, .name_space = name_space}));
    }
    load::FineHistogram took;
    std::uint64_t loads = 0;
    std::uint64_t most = 0;
    std::uint64_t right = 0;
    QueryCount asked(url_);
    std::uint64_t queries = 0;
    for (int round = 0; round < rounds; ++round) {
      for (auto &instance : all) {
        for (std::size_t shard = 0; shard < instance->size(); ++shard) {
          instance->run(shard, fill(instance->near(shard), things, names));
        }
      }
      // Past the time of all of them, in memory and in Redis.
      std::this_thread::sleep_for(ttl + 50ms);
      auto const queries_before = asked.reads();
      for (auto const &name : names) {
        auto const before = things.loads();
        Storm one(things, name, kWaiters);
        auto const begin = Clock::now();
        for (auto &instance : all) gather(one, *instance, kWaiters / instances);
        one.over.get_future().get();
        took.record((Clock::now() - begin).count());
        right += one.right;
        report_.reads_watched += kWaiters;
        report_.stale_reads += one.too_old;
        auto const its = things.loads() - before;
        loads += its;
        most = std::max(most, its);
      }
      queries += asked.reads() - queries_before;
    }
    auto const storms = static_cast<double>(keys) * rounds;
    auto const each = static_cast<double>(loads) / storms;
    if (right != static_cast<std::uint64_t>(storms) * kWaiters) {
      report_.failures.push_back(words + ": only " + std::to_string(right) +
                                 " of those who waited were answered rightly");
    }
    if (queries != loads) {
      report_.failures.push_back(words + ": PostgreSQL counted " + std::to_string(queries) + " queries where " +
                                 std::to_string(loads) + " were made");
    }
    std::uint64_t coalesced = 0;
    std::uint64_t waited = 0;
    std::uint64_t overrun = 0;
    for (auto &instance : all) {
      coalesced += instance->metrics().coalesced.at(CacheClass::lobby_page).value();
      waited += instance->metrics().leases_waited.value();
      overrun += instance->metrics().leases_overrun.value();
    }
    report_.add({.name = "loads for a key that expires under 10,000 waiters, " + words + ", mean of " +
                         load::number_words(storms),
                 .value = each,
                 .must = Figure::Must::be_at_most,
                 .bar = kLoadsPerStormMax,
                 .kind = Figure::Kind::ratio});
    report_.time("until all 10,000 are answered by a load of " + load::duration_words(takes) + ", " + words,
                 took.quantiles());
    report_.findings.push_back(words + ": at most " + std::to_string(most) + " loads for a key; of " +
                               load::number_words(storms * kWaiters) + " who asked, " +
                               load::number_words(static_cast<double>(coalesced)) + " waited for another's load" +
                               (instances > 1 ? "; instances waited for each other " + std::to_string(waited) +
                                                    " times, and " + std::to_string(overrun) + " times in vain"
                                              : ""));
    return each;
  }

  /// Eight threads in two instances read and change the same.
  void mix_traffic() {
    Things things({.database_url = PrivateServers::shared().fresh_database()});
    auto &knobs = things.class_knobs();
    // Short, so that values also expire, are refreshed early and are served stale while this goes on.
    EXPECT_TRUE(knobs.ttl.set(600ms) && knobs.stale_while_revalidate.set(400ms));
    EXPECT_TRUE(knobs.bytes_max.set(65'536));
    things.make(0, kMixedThings, 300);
    auto const name_space = fresh_name_space();
    std::vector<std::unique_ptr<CacheInstance>> all;
    std::vector<std::unique_ptr<Told>> told;
    for (int i = 0; i < 2; ++i) {
      all.push_back(
          std::make_unique<CacheInstance>(CacheInstance::Options{.shards = kMixedShards, .name_space = name_space}));
      told.push_back(std::make_unique<Told>(kMixedThings));
    }
    auto const lasts = by_mode<Clock::duration>(1s, 15s);
    std::vector<Seen> seen(all.size() * kMixedShards);
    std::vector<std::future<void>> running;
    auto const until = Clock::now() + lasts;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      auto &instance = *all[i / kMixedShards];
      for (std::size_t reader = 0; reader < kMixedReaders; ++reader) {
        Mixed const mixed{
            .things = things, .instance = instance, .told = *told[i / kMixedShards], .first = 0, .until = until};
        running.push_back(
            instance.begin(i % kMixedShards, mix(mixed, i % kMixedShards, 1 + i * kMixedReaders + reader, seen[i])));
      }
    }
    for (auto &each : running) each.get();

    Seen sum;
    std::uint64_t unlike = 0;
    std::uint64_t compared = 0;
    auto const truth = things.all_revisions();
    for (Seen const &each : seen) {
      sum.reads += each.reads;
      sum.hits += each.hits;
      sum.changes += each.changes;
      sum.wrong += each.wrong;
      sum.failed += each.failed;
      sum.too_old += each.too_old;
      sum.undone += each.undone;
      for (auto const &[revision, digest] : each.served) {
        ++compared;
        auto const its = truth.find(revision);
        if (its == truth.end() || its->second != digest) ++unlike;
      }
    }
    report_.reads_watched += sum.reads;
    report_.stale_reads += sum.too_old;
    auto const none = [&](std::string name, std::uint64_t count) {
      report_.add({.name = std::move(name),
                   .value = static_cast<double>(count),
                   .must = Figure::Must::be_at_most,
                   .bar = 0,
                   .kind = Figure::Kind::right});
    };
    none("mixed traffic: values that were torn, or another key's", sum.wrong);
    none("mixed traffic: reads and changes that failed", sum.failed);
    none("mixed traffic: reads from before a change that this instance had told of", sum.undone);
    none("mixed traffic: revisions that were served and are not PostgreSQL's", unlike);
    auto const seconds = std::chrono::duration<double>(lasts).count();
    report_.add(
        {.name = "mixed traffic: reads", .value = static_cast<double>(sum.reads) / seconds, .unit = "per second"});
    report_.add(
        {.name = "mixed traffic: changes", .value = static_cast<double>(sum.changes) / seconds, .unit = "per second"});
    report_.add({.name = "mixed traffic: hits in memory, of the reads",
                 .value = 100 * static_cast<double>(sum.hits) / static_cast<double>(sum.reads),
                 .unit = "%"});
    report_.findings.push_back("8 threads read " + load::number_words(static_cast<double>(sum.reads)) +
                               " times while " + load::number_words(static_cast<double>(sum.changes)) +
                               " changes were made; " + load::number_words(static_cast<double>(compared)) +
                               " revisions that a thread was served were compared with PostgreSQL's");
    if (sum.changes == 0 || sum.hits == 0) report_.failures.push_back("the mixed traffic was none");
  }

  CacheReport report_{"Concurrent access",
                      "10,000 readers at once ask for a key that has expired, in one instance of two shards and in two "
                      "instances with one Redis; then eight threads in two instances read and change 500 keys."};
  std::string url_ = PrivateServers::shared().fresh_database();
};

TEST_F(ConcurrentAccess, LoadsOnceAndTearsNothing) {
  auto const one = storm("one instance", 1);
  url_ = PrivateServers::shared().fresh_database();
  auto const two = storm("two instances", 2);
  mix_traffic();
  if (two > one + 0.01) {
    report_.recommendations.push_back(
        "Instances load for themselves where Redis does not answer within 10 ms or another's load takes longer than "
        "250 ms: tableforge_cache_leases_overrun_total and tableforge_cache_remote_trouble_total{kind=\"timeout\"} "
        "tell which. Give Redis a core of its own.");
  }
  report_.recommendations.push_back(
      "Leave cache_CLASS_early_refresh_beta at 1 and cache_CLASS_stale_while_revalidate_ms above the slowest load: "
      "then "
      "nobody waits at the end of a value's time, as everybody does in this test.");
  conclude(report_, "cache-concurrent-access");
}

}  // namespace
}  // namespace tableforge::test::concurrent_access
