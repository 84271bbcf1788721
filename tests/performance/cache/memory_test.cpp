#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "tableforge/base/heap_bytes.hpp"
#include "tableforge/runtime/timer.hpp"

#include "load/quantity.hpp"
#include "performance/cache/cache_instance.hpp"
#include "performance/cache/cache_report.hpp"
#include "performance/cache/things.hpp"
#include "support/cache_traces.hpp"
#include "support/private_servers.hpp"
#include "support/thread_heap.hpp"
#include "support/zipf.hpp"

namespace tableforge::test::memory {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using cache::Clock;
using metrics::CacheClass;

// Bars: shares of what is budgeted.
constexpr double kOffMax = 5;  // Percent.

/// A trace and what the caches of so many entries make of it.
struct Replay {
  std::string name;
  CacheTrace trace{};
  std::size_t entries = 0;
  double hits_min = 0;                      ///< A bar that was set for this trace; 0 for none.
  double optimum_share = 0;                 ///< Of the optimum's hit rate, at least.
  Figure::Kind kind = Figure::Kind::right;  ///< Of hits_min.
};

class Memory : public testing::Test {
 protected:
  std::int64_t used(CacheInstance &instance) { return instance.metrics().bytes.at(CacheClass::lobby_page).value(); }

  /// What the shard and the one thread of the pool hold of the heap. Values are made on one and given up on the other.
  std::int64_t held(CacheInstance &instance, Things &things) {
    std::int64_t bytes = 0;
    instance.run(0, sum_held(things, bytes));
    return bytes;
  }
  static asio::awaitable<void> sum_held(Things &things, std::int64_t &bytes) {
    // Two turns, so that what has ended in this one is gone.
    co_await asio::post(asio::use_awaitable);
    auto const there = co_await things.in_pool([]() -> Result<std::int64_t> { return thread_heap::held(); });
    bytes = there.value() + thread_heap::held();
  }

  static asio::awaitable<void> read(cache::Near &near, Things &things, std::vector<std::string> const &keys,
                                    std::function<void()> const &after_each, CacheReport &report) {
    for (auto const &key : keys) {
      auto const asked_at = Clock::now();
      auto const got = co_await near.get(things.cls(), key, things.loader(key));
      ++report.reads_watched;
      if (!got || !*got || !(*got)->whole()) {
        report.failures.push_back("a read of " + key + " failed");
      } else if (things.too_old(**got, asked_at)) {
        ++report.stale_reads;
      }
      co_await asio::post(asio::use_awaitable);
      after_each();
    }
  }

  /// Fills a memory three times over with values of these sizes and weighs it, at its bound and at half of that.
  void weigh(std::string const &words, double least, double most, std::size_t bytes_max) {
    Things things({.database_url = PrivateServers::shared().fresh_database(), .threads = 1});
    auto &knobs = things.class_knobs();
    EXPECT_TRUE(knobs.ttl.set(3'600'000ms) && knobs.early_refresh_beta.set(0) && knobs.bytes_max.set(bytes_max));
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> exponent(std::log(least), std::log(most + 1));
    std::vector<std::string> keys;
    std::size_t offered = 0;
    // Of a few sizes, each made in one go.
    std::size_t const kinds = least < most ? 40 : 1;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      auto const size = static_cast<std::size_t>(std::exp(exponent(random)));
      std::size_t count = 0;
      for (; offered < 3 * bytes_max * (kind + 1) / kinds; ++count) offered += size + 300;
      things.make(keys.size(), count, size);
      for (std::size_t i = 0; i < count; ++i) keys.push_back(Things::key(keys.size()));
    }
    std::ranges::shuffle(keys, random);

    CacheInstance instance({.name_space = fresh_name_space()});
    auto &near = instance.near(0);
    // Sessions, scripts and buffers are there before anything is weighed, and a first value, for the shelf's own.
    things.make(5'000'000, 300, 300);
    std::vector<std::string> warm_up;
    for (std::size_t i = 0; i < 300; ++i) warm_up.push_back(Things::key(5'000'000 + i));
    instance.run(0, read(near, things, warm_up, [] {}, report_));
    auto const held_before = held(instance, things);
    auto const used_before = used(instance);

    std::int64_t highest = 0;
    auto const watch = [&] { highest = std::max(highest, used(instance)); };
    // Twice, so that not only the first ones stay.
    for (int round = 0; round < 2; ++round) instance.run(0, read(near, things, keys, watch, report_));
    compare(words + ", full", instance, things, held_before, used_before, static_cast<double>(bytes_max));
    report_.add({.name = words + ": most that was used at the end of any read, of what is budgeted",
                 .value = 100 * static_cast<double>(highest) / static_cast<double>(bytes_max),
                 .unit = "%",
                 .must = Figure::Must::be_at_most,
                 .bar = 100,
                 .kind = Figure::Kind::right});
    auto const evictions = instance.metrics().evictions.at(CacheClass::lobby_page).value();
    if (evictions == 0) report_.failures.push_back(words + ": nothing had to leave a memory that was offered too much");

    // A smaller bound takes effect on what is there, without any read but the one that lets the turn end.
    EXPECT_TRUE(knobs.bytes_max.set(bytes_max / 2));
    auto const begin = Clock::now();
    while (used(instance) > static_cast<std::int64_t>(bytes_max / 2) && Clock::now() < begin + 10s) {
      instance.run(0, read(near, things, {keys.front()}, [] {}, report_));
    }
    report_.findings.push_back(words + ": " + std::to_string(evictions) +
                               " values had to leave; half the bound was kept " +
                               load::duration_words(Clock::now() - begin) + " after it was set");
    compare(words + ", at half of it", instance, things, held_before, used_before, static_cast<double>(bytes_max) / 2);
  }

  void compare(std::string const &words, CacheInstance &instance, Things &things, std::int64_t held_before,
               std::int64_t used_before, double budgeted) {
    auto const real = static_cast<double>(held(instance, things) - held_before);
    auto const account = static_cast<double>(used(instance) - used_before);
    report_.add({.name = words + ": bytes used, of those budgeted",
                 .value = 100 * static_cast<double>(used(instance)) / budgeted,
                 .unit = "%",
                 .must = Figure::Must::be_at_least,
                 .bar = 100 - kOffMax,
                 .kind = Figure::Kind::ratio});
    report_.add({.name = words + ": what the allocator says, off from the account by, of those budgeted",
                 .value = 100 * std::abs(real - account) / budgeted,
                 .unit = "%",
                 .must = Figure::Must::be_at_most,
                 .bar = kOffMax,
                 .kind = Figure::Kind::ratio});
    report_.findings.push_back(words + ": " + load::bytes_words(real) + " by the allocator, " +
                               load::bytes_words(account) + " by the account, " + load::bytes_words(budgeted) +
                               " budgeted");
  }

  /// A value that is larger than the memory is served, kept by nobody, and pushes out nothing.
  void offer_too_much() {
    Things things({.database_url = PrivateServers::shared().fresh_database(), .threads = 1});
    auto &knobs = things.class_knobs();
    EXPECT_TRUE(knobs.ttl.set(3'600'000ms) && knobs.early_refresh_beta.set(0) && knobs.bytes_max.set(65'536));
    things.make(0, 50, 300);
    things.make(50, 1, 200'000);
    std::vector<std::string> small;
    for (std::size_t i = 0; i < 50; ++i) small.push_back(Things::key(i));
    CacheInstance instance({.name_space = fresh_name_space()});
    auto &near = instance.near(0);
    instance.run(0, read(near, things, small, [] {}, report_));
    instance.settle();
    auto const entries = instance.metrics().entries.at(CacheClass::lobby_page).value();
    instance.run(0, read(near, things, {Things::key(50)}, [] {}, report_));
    instance.run(0, read(near, things, {Things::key(50)}, [] {}, report_));
    instance.settle();
    report_.add({.name = "values that one larger than the memory pushed out",
                 .value = static_cast<double>(entries - instance.metrics().entries.at(CacheClass::lobby_page).value()),
                 .must = Figure::Must::be_at_most,
                 .bar = 0,
                 .kind = Figure::Kind::right});
  }

  void replay(Replay const &one) {
    auto const policy = mean_of_seeds(one);
    auto const lru = lru_hit_rate(one.trace, one.entries);
    auto const optimum = optimal_hit_rate(one.trace, one.entries);
    auto const name = one.name + ", " + std::to_string(one.entries) + " entries";
    if (one.hits_min > 0) {
      report_.add({.name = "hit rate, " + name,
                   .value = policy,
                   .must = Figure::Must::be_at_least,
                   .bar = one.hits_min,
                   .kind = one.kind});
    }
    report_.add({.name = "of the optimum, " + name,
                 .value = 100 * policy / optimum,
                 .unit = "%",
                 .must = Figure::Must::be_at_least,
                 .bar = 100 * one.optimum_share,
                 .kind = Figure::Kind::right});
    rates_.push_back({name, policy, lru, optimum});
    report_.findings.push_back("hit rate of " + name + ": " + load::number_words(policy) + ", LRU " +
                               load::number_words(lru) + ", optimum " + load::number_words(optimum));
    if (one.hits_min > policy) {
      report_.findings.push_back("hit rate of " + name + ": the bar of " + load::number_words(one.hits_min) +
                                 " is missed; of what can be had (" + load::number_words(optimum) + ") it is " +
                                 load::number_words(100 * policy / optimum) + " %");
    }
  }
  static double mean_of_seeds(Replay const &one) {
    // A seed may be 0.003 off.
    int const seeds = by_mode(1, 6);
    double sum = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
      sum += policy_hit_rate(one.trace, one.entries, static_cast<std::uint64_t>(seed));
    }
    return sum / seeds;
  }

  void replay_made_up() {
    int const length = by_mode(60'000, 400'000);
    Replay zipf{.name = "Zipf 0.9 over 50,000 keys", .entries = 1'000, .optimum_share = 0.75};
    Zipf draw(50'000, 0.9, 1);
    for (int i = 0; i < length; ++i) zipf.trace.ask(draw());
    replay(zipf);

    Replay loop{.name = "loop over twice the entries", .entries = 1'000, .optimum_share = 0.85};
    for (int i = 0; i < 200'000; ++i) loop.trace.ask(static_cast<std::uint64_t>(i % 2'000));
    replay(loop);

    Replay scans{.name = "Zipf 0.9 over 20,000 keys with scans", .entries = 1'000, .optimum_share = 0.75};
    Zipf other(20'000, 0.9, 1);
    std::uint64_t never_again = 1'000'000;
    for (int i = 0; i < length; ++i) {
      scans.trace.ask(other());
      if (i % 50'000 < 40'000) continue;
      for (int j = 0; j < 2; ++j) scans.trace.ask(never_again++);
    }
    replay(scans);
  }

  /// Recorded accesses of databases, from outside of the project.
  void replay_recorded() {
    char const *const root = std::getenv("TABLEFORGE_ACCEPTANCE_DIR");
    auto const folder = std::filesystem::path(root == nullptr ? "" : root) / "cache-traces";
    if (root == nullptr || !std::filesystem::is_directory(folder)) {
      report_.findings.push_back(root == nullptr ? "recorded traces were left out: TABLEFORGE_ACCEPTANCE_DIR is not set"
                                                 : "recorded traces were left out: there is no " + folder.string());
      return;
    }
    auto const recorded = [&](std::initializer_list<std::string> names) {
      CacheTrace trace;
      for (auto const &name : names) append_recorded(trace, folder / (name + ".keys.gz"));
      return trace;
    };
    replay({.name = "corda, loop, corda",
            .trace = recorded({"corda", "loop", "corda"}),
            .entries = 513,
            .hits_min = 0.35,
            .optimum_share = 0.9});
    if (measuring_mode().quick) return;
    replay({.name = "loop", .trace = recorded({"loop"}), .entries = 512, .hits_min = 0.45, .optimum_share = 0.95});
    replay({.name = "multi1", .trace = recorded({"multi1"}), .entries = 1'000, .hits_min = 0.5, .optimum_share = 0.88});
    replay({.name = "orm-busy",
            .trace = recorded({"orm-busy"}),
            .entries = 1'250,
            .hits_min = 0.8,
            .optimum_share = 0.92});
  }

  void plot_rates() {
    load::Plot plot{.title = "Hit rates",
                    .note = "Beside LRU and the optimum, which knows what will be asked for.",
                    .x = {.label = "trace", .names = {}, .at = {}, .words = load::short_number},
                    .y = {.label = "hit rate", .words = load::number_words},
                    .lines = {{"this cache", "blue", {}}, {"LRU", "orange", {}}, {"optimum", "grey", {}}},
                    .joined = false};
    for (auto const &[name, policy, lru, optimum] : rates_) {
      plot.x.names.push_back(name);
      plot.lines[0].values.emplace_back(policy);
      plot.lines[1].values.emplace_back(lru);
      plot.lines[2].values.emplace_back(optimum);
    }
    report_.plots.push_back(std::move(plot));
  }

  struct Rates {
    std::string name;
    double policy, lru, optimum;
  };

  CacheReport report_{"Memory",
                      "A memory is filled three times over with values of one size and of many, and weighed by the "
                      "allocator; then accesses are replayed on the policy, on LRU and on the optimum."};
  std::vector<Rates> rates_;
};

TEST_F(Memory, UsesWhatItIsGivenAndKeepsWhatIsAskedForMost) {
  if (!thread_heap::is_counted()) {
    report_.findings.push_back("nothing was weighed: a sanitizer has an allocator of its own");
  } else {
    auto const bytes_max = by_mode<std::size_t>(128 << 10, 8 << 20);
    weigh("values of 1 KB", 1'000, 1'000, bytes_max);
    if (!measuring_mode().quick) weigh("values of 100 B to 50 KB", 100, 50'000, 2 * bytes_max);
  }
  offer_too_much();
  replay_made_up();
  replay_recorded();
  plot_rates();
  report_.recommendations.push_back(
      "Give each class what its working set takes, times io_threads: bytes_max is a promise for each thread. "
      "tableforge_cache_bytes stays within it; the process needs the allocator's slack beside it.");
  report_.recommendations.push_back(
      "Look at tableforge_cache_evictions_total before raising a bound: where it rests, more memory brings nothing.");
  conclude(report_, "cache-memory");
}

}  // namespace
}  // namespace tableforge::test::memory
