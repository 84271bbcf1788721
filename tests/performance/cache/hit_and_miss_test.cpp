#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "tableforge/runtime/timer.hpp"

#include "load/fine_histogram.hpp"
#include "load/quantity.hpp"
#include "performance/cache/cache_instance.hpp"
#include "performance/cache/cache_report.hpp"
#include "performance/cache/things.hpp"
#include "support/cache_traces.hpp"
#include "support/private_servers.hpp"
#include "support/zipf.hpp"

namespace tableforge::test::hit_and_miss {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cache::Clock;
using load::FineHistogram;
using load::LatencyQuantiles;
using metrics::CacheClass;
using metrics::CacheLevel;

// Not compressed on its way to Redis, so that what Redis sends is the value's size.
constexpr std::size_t kBodyBytes = 900;
constexpr std::size_t kHotThings = 10'000;
constexpr std::size_t kHotBodyBytes = 100;
constexpr std::size_t kReaders = 64;

// Bars. The first two are those of a quiet machine.
constexpr double kL1HitMaxNs = 150;
constexpr double kL1HitsMin = 5e6;
constexpr double kL2ToBareMax = 3;

double median(std::vector<double> values) {
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::chrono::nanoseconds median(std::vector<std::chrono::nanoseconds> values) {
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// In an order that no prefetcher guesses, the same in each run.
class AnyOf {
 public:
  explicit AnyOf(std::vector<std::string> const &keys) : keys_(keys) {}
  std::string const &operator()() {
    state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    return keys_[(state_ >> 33) % keys_.size()];
  }

 private:
  std::vector<std::string> const &keys_;
  std::uint64_t state_ = 1;
};

std::vector<std::string> keys_from(std::size_t first, std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = first; i < first + count; ++i) keys.push_back(Things::key(i));
  return keys;
}

/// What many readers share, all of them on one shard.
struct Reading {
  Things &things;
  CacheReport &report;
  std::size_t next = 0;
  FineHistogram took{};
};

using Ask = std::function<asio::awaitable<void>(std::string const &key, Reading &)>;

asio::awaitable<void> reader(std::vector<std::string> const &keys, Ask const &ask, Reading &reading) {
  while (reading.next < keys.size()) co_await ask(keys[reading.next++], reading);
}

/// Asks for each of the keys once, so many at a time, from one shard.
LatencyQuantiles read_all(CacheInstance &instance, std::size_t readers, std::vector<std::string> const &keys,
                          Ask const &ask, Things &things, CacheReport &report) {
  Reading reading{.things = things, .report = report};
  std::vector<std::future<void>> all;
  for (std::size_t i = 0; i < readers; ++i) all.push_back(instance.begin(0, reader(keys, ask, reading)));
  for (auto &each : all) each.get();
  return reading.took.quantiles();
}

void judge(Result<std::shared_ptr<Thing const>> const &got, std::string const &key, Clock::time_point asked_at,
           Reading &reading) {
  auto &report = reading.report;
  ++report.reads_watched;
  if (!got || !*got) {
    report.failures.push_back("a read of " + key + " failed: " + std::string(got ? "nothing" : got.error().text));
  } else if ((*got)->key != key || !(*got)->whole()) {
    report.failures.push_back("a read of " + key + " brought something else");
  } else if (reading.things.too_old(**got, asked_at)) {
    ++report.stale_reads;
  }
}

/// Others have their turn after each: a hit suspends nothing by itself.
asio::awaitable<void> ask_cache(cache::Near &near, std::string key, Reading &reading) {
  auto &things = reading.things;
  auto const asked_at = Clock::now();
  auto const got = co_await near.get(things.cls(), key, things.loader(key));
  reading.took.record((Clock::now() - asked_at).count());
  judge(got, key, asked_at, reading);
  co_await asio::post(asio::use_awaitable);
}

/// Until it answers: a machine that is starved may take Redis for away for a moment.
asio::awaitable<void> ask_redis(redis::Client &client, std::string name, Reading &reading) {
  auto const give_up = Clock::now() + 30s;
  while (true) {
    auto const asked_at = Clock::now();
    auto const got = co_await client.command({"GET", name}, 1s);
    if (got) {
      reading.took.record((Clock::now() - asked_at).count());
      if (got->text() == nullptr) reading.report.failures.push_back("Redis does not hold " + name);
      break;
    }
    if (Clock::now() > give_up) {
      reading.report.failures.push_back("Redis did not answer: " + std::string(got.error().text));
      break;
    }
    co_await runtime::sleep_for(10ms);
  }
  co_await asio::post(asio::use_awaitable);
}

/// Through the cache.
Ask through(cache::Near &near) {
  return [&near](std::string const &key, Reading &reading) { return ask_cache(near, key, reading); };
}

std::string name_in_redis(std::string const &name_space, std::string const &key) {
  return name_space + ":lobby_page:{" + key + "}";
}

/// Past it: what Redis holds under the same name.
Ask past(redis::Client &client, std::string const &name_space) {
  return [&client, &name_space](std::string const &key, Reading &reading) {
    return ask_redis(client, name_in_redis(name_space, key), reading);
  };
}

class HitAndMiss : public testing::Test {
 protected:
  HitAndMiss() {
    auto &knobs = things_.class_knobs();
    // Nothing ends or is refreshed by itself while it is measured.
    EXPECT_TRUE(knobs.ttl.set(3'600'000ms) && knobs.early_refresh_beta.set(0) && knobs.bytes_max.set(256 << 20));
  }

  /// Hits in a row on one core, and what a single one takes with the clock that measures it.
  void measure_memory() {
    things_.make(0, kHotThings, kHotBodyBytes);
    auto const keys = keys_from(0, kHotThings);
    CacheInstance instance({.name_space = fresh_name_space()});
    auto &near = instance.near(0);
    // A machine that is starved loses its ear for other instances, and then what it has in memory, as it should.
    auto const kept_all = [&flushes = instance.metrics().flushes, before = instance.metrics().flushes.value()] {
      return flushes.value() == before;
    };
    read_all(instance, kReaders, keys, through(near), things_, report_);

    std::size_t const hits = by_mode<std::size_t>(20'000, 2'000'000);
    std::vector<double> nanoseconds;
    std::size_t misses = 0;
    for (int round = 0; round < by_mode(3, 15); ++round) {
      instance.run(0, in_a_row(near, keys, hits, nanoseconds, misses));
    }
    if (misses > 0 && kept_all())
      report_.failures.push_back(std::to_string(misses) + " reads in a row were no hits in memory");
    // What it costs is the same in every round, and what others on the machine do is added to it.
    auto const each = *std::ranges::min_element(nanoseconds);
    report_.add({.name = "L1 hit, one of many in a row, fastest of " + std::to_string(nanoseconds.size()) +
                         " rounds (median " + load::number_words(median(nanoseconds)) + " ns)",
                 .value = each,
                 .unit = "ns",
                 .must = Figure::Must::be_at_most,
                 .bar = kL1HitMaxNs,
                 .kind = Figure::Kind::absolute});
    report_.add({.name = "L1 hits on one core",
                 .value = 1e9 / each,
                 .unit = "hits/s",
                 .must = Figure::Must::be_at_least,
                 .bar = kL1HitsMin,
                 .kind = Figure::Kind::absolute});

    std::vector<std::string> asked;
    AnyOf any(keys);
    for (std::size_t i = 0; i < by_mode<std::size_t>(5'000, 200'000); ++i) asked.push_back(any());
    instance.settle();
    auto const before = instance.metrics().hits.at(CacheClass::lobby_page, CacheLevel::l1).value();
    for (std::size_t const readers : {std::size_t{1}, kReaders}) {
      report_.time("L1 hit with its clock, " + std::to_string(readers) + " readers",
                   read_all(instance, readers, asked, through(near), things_, report_));
    }
    instance.settle();
    auto const counted = instance.metrics().hits.at(CacheClass::lobby_page, CacheLevel::l1).value() - before;
    if (counted != 2 * asked.size() && kept_all())
      report_.failures.push_back("not every read of what is hot was a hit in memory");
    FineHistogram clock;
    for (int i = 0; i < 10'000; ++i) {
      auto const begin = Clock::now();
      clock.record((Clock::now() - begin).count());
    }
    report_.time("the clock alone", clock.quantiles());
  }

  asio::awaitable<void> in_a_row(cache::Near &near, std::vector<std::string> const &keys, std::size_t hits,
                                 std::vector<double> &nanoseconds, std::size_t &misses) {
    AnyOf any(keys);
    auto const load = [this] { return things_.load(""); };
    std::uint64_t seen = 0;
    auto const begin = Clock::now();
    for (std::size_t i = 0; i < hits; ++i) {
      auto const found = near.find(things_.cls(), any(), load);
      if (found) {
        seen += (*found)->revision;
      } else {
        ++misses;
      }
    }
    nanoseconds.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count() /
                          static_cast<double>(hits));
    if (seen != hits - misses) report_.failures.push_back("hits in memory brought something else");
    co_return;
  }

  /// Until Redis holds all of them: on a machine that is starved, fills miss their deadline and are given up.
  void fill_redis(std::string const &name_space, std::vector<std::string> const &keys) {
    auto const give_up = Clock::now() + 30s;
    for (std::size_t missing = 1; missing > 0;) {
      if (Clock::now() > give_up) throw std::runtime_error("Redis does not take what it is to hold");
      CacheInstance filler({.name_space = name_space});
      read_all(filler, kReaders, keys, through(filler.near(0)), things_, report_);
      // The fills follow their answers.
      filler.run(0, [](redis::Client &client) -> asio::awaitable<void> {
        for (int i = 0; i < 10; ++i) static_cast<void>(co_await client.command({"PING"}, 5s));
      }(filler.client(0)));
      missing = 0;
      filler.run(0, count_missing(filler.client(0), name_space, keys, missing));
    }
  }

  static asio::awaitable<void> count_missing(redis::Client &client, std::string const &name_space,
                                             std::vector<std::string> const &keys, std::size_t &missing) {
    for (auto const &key : keys) {
      auto const got = co_await client.command({"GET", name_in_redis(name_space, key)}, 5s);
      if (!got || got->text() == nullptr) ++missing;
    }
  }

  /// A hit in Redis beside the bare command, in turns.
  void measure_redis() {
    std::size_t const alone = by_mode<std::size_t>(100, 2'000);
    std::size_t const together = by_mode<std::size_t>(400, 10'000);
    std::size_t const first = kHotThings;
    things_.make(first, alone + together, kBodyBytes);
    auto const name_space = fresh_name_space();
    auto const sets = std::vector{keys_from(first, alone), keys_from(first + alone, together)};
    for (auto const &keys : sets) fill_redis(name_space, keys);
    struct Level {
      std::vector<std::chrono::nanoseconds> p50s, p99s;
      LatencyQuantiles last{};
    };
    Level bare[2], hit[2];
    auto const loads_before = things_.loads();
    std::uint64_t hits = 0;
    int const rounds = by_mode(3, 7);
    for (int round = 0; round < rounds; ++round) {
      // One that has nothing in memory each time.
      CacheInstance instance({.name_space = name_space});
      for (int which = 0; which < 2; ++which) {
        auto const readers = which == 0 ? 1 : kReaders;
        auto const note = [](Level &level, LatencyQuantiles const &took) {
          level.p50s.push_back(took.p50);
          level.p99s.push_back(took.p99);
          level.last = took;
        };
        auto const &keys = sets[static_cast<std::size_t>(which)];
        auto const ask_bare = [&] {
          note(bare[which], read_all(instance, readers, keys, past(instance.client(0), name_space), things_, report_));
        };
        auto const ask_cache = [&] {
          note(hit[which], read_all(instance, readers, keys, through(instance.near(0)), things_, report_));
        };
        // Who goes first has the colder machine, so they take turns.
        if (round % 2 == 0) ask_bare();
        ask_cache();
        if (round % 2 == 1) ask_bare();
      }
      instance.settle();
      hits += instance.metrics().hits.at(CacheClass::lobby_page, CacheLevel::l2).value();
    }
    auto const asked = static_cast<double>(rounds) * static_cast<double>(alone + together);
    report_.add({.name = "reads that Redis should answer and did",
                 .value = 100 * static_cast<double>(hits) / asked,
                 .unit = "%",
                 .must = Figure::Must::be_at_least,
                 .bar = 99,
                 .kind = Figure::Kind::ratio});
    if (things_.loads() - loads_before + hits < static_cast<std::uint64_t>(asked)) {
      report_.failures.push_back("reads were answered neither by Redis nor by PostgreSQL");
    }
    for (int which = 0; which < 2; ++which) {
      auto const readers = which == 0 ? std::string("1 reader") : std::to_string(kReaders) + " readers";
      report_.time("L2 hit, " + readers + ", last round", hit[which].last);
      report_.time("bare GET of the same, " + readers + ", last round", bare[which].last);
      auto const ratio =
          static_cast<double>(median(hit[which].p99s).count()) / static_cast<double>(median(bare[which].p99s).count());
      report_.add({.name = "p99 of an L2 hit to that of a bare GET, " + readers + ", medians of " +
                           std::to_string(rounds) + " rounds in turns",
                   .value = ratio,
                   .unit = "×",
                   .must = Figure::Must::be_at_most,
                   .bar = kL2ToBareMax,
                   .kind = Figure::Kind::ratio});
      report_.findings.push_back("Redis, " + readers + ": a hit takes " +
                                 load::duration_words(median(hit[which].p50s)) + " (p99 " +
                                 load::duration_words(median(hit[which].p99s)) + "), a bare GET of the same value " +
                                 load::duration_words(median(bare[which].p50s)) + " (p99 " +
                                 load::duration_words(median(bare[which].p99s)) + ")");
    }
    redis_hit_ = median(hit[0].p50s);
  }

  void measure_origin() {
    std::size_t const alone = by_mode<std::size_t>(50, 1'000);
    std::size_t const together = by_mode<std::size_t>(200, 5'000);
    std::size_t const first = kHotThings;  // Those of measure_redis, in a namespace where nobody has read them.
    CacheInstance instance({.name_space = fresh_name_space()});
    auto const before = things_.loads();
    auto const one = read_all(instance, 1, keys_from(first, alone), through(instance.near(0)), things_, report_);
    auto const many =
        read_all(instance, kReaders, keys_from(first + alone, together), through(instance.near(0)), things_, report_);
    if (things_.loads() - before != alone + together) {
      report_.failures.push_back("what nobody had read was not loaded once each");
    }
    report_.time("load from PostgreSQL, 1 reader", one);
    report_.time("load from PostgreSQL, " + std::to_string(kReaders) + " readers", many);
    report_.findings.push_back(
        "a load from PostgreSQL takes " + load::duration_words(one.p50) + " alone, and a hit in Redis " +
        load::duration_words(redis_hit_) + ": " +
        load::number_words(static_cast<double>(one.p50.count()) / static_cast<double>(redis_hit_.count())) +
        " times as long");
    if (one.p50 < 2 * redis_hit_) {
      report_.recommendations.push_back(
          "A query as cheap as this one is answered by PostgreSQL nearly as fast as by Redis: on this machine Redis "
          "pays for what costs more to read, and for what it keeps away from PostgreSQL. Lower cache_CLASS_ttl_ms to 0 "
          "for a class that is only read once.");
    }
  }

  /// Two instances, a memory that holds a part, and what most are asked for.
  void measure_zipf() {
    std::size_t const count = by_mode<std::size_t>(1'000, 20'000);
    std::size_t const reads = by_mode<std::size_t>(3'000, 100'000);
    std::size_t const first = 1'000'000;
    things_.make(first, count, 200);
    auto const bytes_max = by_mode<std::size_t>(65'536, 1 << 20);
    EXPECT_TRUE(things_.class_knobs().bytes_max.set(bytes_max));
    auto const name_space = fresh_name_space();
    CacheInstance one({.name_space = name_space});
    CacheInstance other({.name_space = name_space});
    auto const loads_before = things_.loads();
    CacheTrace trace;
    for (auto *instance : {&one, &other}) {
      Zipf zipf(count, 0.9, instance == &one ? 1 : 2);
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < reads; ++i) {
        auto const number = zipf();
        keys.push_back(Things::key(first + number));
        if (instance == &one) trace.ask(number);
      }
      read_all(*instance, kReaders, keys, through(instance->near(0)), things_, report_);
    }
    auto const share = [&](CacheInstance &instance, CacheLevel level) {
      return static_cast<double>(instance.metrics().hits.at(CacheClass::lobby_page, level).value()) /
             static_cast<double>(reads);
    };
    auto const entries = static_cast<std::size_t>(one.metrics().entries.at(CacheClass::lobby_page).value());
    auto const lru = lru_hit_rate(trace, entries);
    auto const optimum = optimal_hit_rate(trace, entries);
    report_.add({.name = "hit rate of memory, Zipf 0.9, room for " +
                         load::number_words(100 * static_cast<double>(entries) / static_cast<double>(count)) +
                         " % of the keys, first instance; LRU with as many entries",
                 .value = share(one, CacheLevel::l1),
                 .must = Figure::Must::be_at_least,
                 .bar = lru,
                 .kind = Figure::Kind::ratio});
    report_.add({.name = "of the optimum", .value = 100 * share(one, CacheLevel::l1) / optimum, .unit = "%"});
    report_.add({.name = "hit rate of Redis, of all reads, first instance", .value = share(one, CacheLevel::l2)});
    report_.add({.name = "hit rate of memory, second instance", .value = share(other, CacheLevel::l1)});
    report_.add({.name = "hit rate of Redis, of all reads, second instance", .value = share(other, CacheLevel::l2)});
    report_.add(
        {.name = "loads from PostgreSQL per 1,000 reads of both",
         .value = 1'000 * static_cast<double>(things_.loads() - loads_before) / static_cast<double>(2 * reads)});
    auto const memory = share(one, CacheLevel::l1);
    if (memory < 0.9 * optimum) {
      report_.recommendations.push_back(
          "Where tableforge_cache_evictions_total of a class grows as fast as its misses, its memory is what limits: "
          "under this load twice the cache_CLASS_bytes_max brings " +
          load::number_words(100 * (policy_hit_rate(trace, 2 * entries) - memory)) + " % of the reads more.");
    }
  }

  CacheReport report_{"Hit and miss",
                      "One instance reads what is in its memory, in Redis and in PostgreSQL only, alone and with 64 "
                      "readers at a time; then two instances under a Zipf load. Values of 100 and 900 bytes."};
  Things things_{{.database_url = PrivateServers::shared().fresh_database()}};
  std::chrono::nanoseconds redis_hit_{0};
};

TEST_F(HitAndMiss, AnswersFromTheNearestLevelThatHasIt) {
  measure_memory();
  measure_redis();
  measure_origin();
  measure_zipf();
  report_.recommendations.push_back(
      "A hit in memory costs so little that the memory of a class is better too large than too small: raise "
      "cache_CLASS_bytes_max until its evictions stop, or until the machine's memory is better used elsewhere.");
  conclude(report_, "cache-hit-and-miss");
}

}  // namespace
}  // namespace tableforge::test::hit_and_miss
