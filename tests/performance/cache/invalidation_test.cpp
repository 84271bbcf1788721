#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/base/guarded.hpp"

#include "integration/gateway_peer.hpp"
#include "load/fine_histogram.hpp"
#include "load/quantity.hpp"
#include "performance/cache/cache_report.hpp"
#include "performance/cache/foundings.hpp"
#include "performance/cache/listed_tables.hpp"
#include "performance/cache/lossy_redis.hpp"
#include "performance/cache/query_count.hpp"
#include "performance/cache/served_instances.hpp"
#include "performance/support/played_tables.hpp"
#include "performance/support/reader.hpp"
#include "support/private_servers.hpp"

namespace tableforge::test::invalidation {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Bar, of a quiet machine.
constexpr auto kVisibleMax = 5ms;
// More than are founded while a page may be out of date.
constexpr std::size_t kPage = 100;
/// What a moment loses on its way through Redis.
constexpr auto kSlack = 2ms;

std::string knob(std::string const &name, milliseconds value) {
  return "--knob=cache_lobby_page_" + name + "_ms=" + std::to_string(value.count());
}

std::vector<std::string> ids_in(std::string const &body) {
  std::vector<std::string> ids;
  for (auto const &table : ListedTables::listed_in(body)) ids.push_back(table.id);
  return ids;
}

/// What went on at one of the three times, before Redis died, while it was dead, and after.
struct Phase {
  std::map<std::string, load::FineHistogram> took;
  double seconds = 0;
  std::uint64_t queries = 0;
};

/// What all threads of the load tell.
struct Log {
  std::vector<Phase> phases = std::vector<Phase>(1);
  std::vector<std::string> errors;
  std::uint64_t watched = 0;
  std::uint64_t stale = 0;
  std::uint64_t torn = 0;
  Clock::duration oldest{0};
  load::FineHistogram all{};  ///< Of all reads, for the time line.
};

class Invalidation : public testing::Test {
 protected:
  /// How long after a write was answered here it is seen there, by every one of some connections.
  void see_writes_elsewhere() {
    // Nothing ends by itself: only an invalidation brings the new list.
    auto const lasting =
        std::vector<std::string>{knob("ttl", 3'600'000ms), "--knob=cache_lobby_page_early_refresh_beta=0"};
    auto &here = instances_.start(redis_url(), lasting);
    auto &there = instances_.start(redis_url(), lasting);
    write_and_look(here, there);
    instances_.end(here);
    instances_.end(there);
  }

  void write_and_look(ServeProcess const &here, ServeProcess const &there) {
    auto const token = ServedInstances::register_player(here);
    KeptConnection writer(here.port());
    auto readers = ServedInstances::connections(there, 4);
    auto const look = [&](KeptConnection &reader) {
      return ListedTables::listed_in(reader.get("/v1/tables?limit=5").body);
    };
    std::vector<KeptConnection *> turns;
    for (auto &reader : readers) turns.push_back(&reader);
    // Connections take turns to be the first, which is timed: what a later one sees at once it may have seen for long.
    auto const until_seen = [&](auto const &seen, Clock::time_point answered, load::FineHistogram &visible) {
      std::ranges::rotate(turns, turns.begin() + 1);
      std::size_t at_once = 0;
      for (auto *const reader : turns) {
        auto const give_up = Clock::now() + 10s;
        bool first = true;
        while (!seen(look(*reader))) {
          first = false;
          if (Clock::now() > give_up) {
            report_.failures.push_back("a write was not seen elsewhere within ten seconds");
            break;
          }
        }
        at_once += first ? 1 : 0;
        if (reader == turns.front() || !first) visible.record((Clock::now() - answered).count());
      }
      return at_once;
    };

    int const writes = by_mode(20, 500);
    load::FineHistogram founded, answered_in, renamed;
    std::size_t at_once = 0;
    // One that is never seen is enough.
    for (int i = 0; i < writes && report_.failures.empty(); ++i) {
      for (auto &reader : readers) look(reader);
      auto const sent = Clock::now();
      auto const id = ServedInstances::found_table(writer, token, "Founded " + std::to_string(i));
      auto const answered = Clock::now();
      answered_in.record((answered - sent).count());
      at_once += until_seen([&](ListedTables::List const &list) { return !list.empty() && list.front().id == id; },
                            answered, founded);
      report_.reads_watched += readers.size();
    }
    auto const owned = ServedInstances::found_table(writer, token, "To be renamed");
    Peer owner(here.port());
    owner.upgrade(owned);
    owner.hello(token);
    if (owner.await("welcome").is_null()) throw std::runtime_error("the owner is not let in");
    for (int i = 0; i < writes / 4 && report_.failures.empty(); ++i) {
      for (auto &reader : readers) look(reader);
      auto const name = "Renamed " + std::to_string(i);
      owner.text({{"op", "table.configure"}, {"id", std::to_string(i)}, {"data", {{"name", name}}}});
      if (owner.await("table.configured").is_null()) throw std::runtime_error("a table was not renamed");
      until_seen([&](ListedTables::List const &list) { return !list.empty() && list.front().name == name; },
                 Clock::now(), renamed);
    }
    auto const visible = report_.time("from a founding's answer to its being seen elsewhere", founded.quantiles());
    report_.time("a founding, until it is answered", answered_in.quantiles());
    report_.time("from a new name's answer to its being seen elsewhere", renamed.quantiles());
    report_.add({.name = "p99 from a founding's answer until another instance shows it",
                 .value = std::chrono::duration<double, std::milli>(visible.p99).count(),
                 .unit = "ms",
                 .must = Figure::Must::be_at_most,
                 .bar = std::chrono::duration<double, std::milli>(kVisibleMax).count(),
                 .kind = Figure::Kind::absolute});
    report_.findings.push_back(load::number_words(100 * static_cast<double>(at_once) /
                                                  static_cast<double>(writes * static_cast<int>(readers.size()))) +
                               " % of the first pages that were asked for elsewhere right after the answer had the new "
                               "table");
  }

  /// One instance hears of nothing. Its pages are old, and not older than they may be.
  void lose_messages() {
    auto const ttl = by_mode(500ms, 2'000ms);
    auto const stale = by_mode(500ms, 2'000ms);
    auto const knobs = std::vector{knob("ttl", ttl), knob("stale_while_revalidate", stale)};
    LossyRedis lossy(redis_url());
    auto &here = instances_.start(redis_url(), knobs);
    auto &deaf = instances_.start(lossy.url(), knobs);
    lossy.lose(true);
    auto const token = ServedInstances::register_player(here);
    Foundings foundings;
    std::atomic<bool> over{false};
    Guarded<Log> log;
    std::vector<std::jthread> threads;
    // Also where something throws.
    std::shared_ptr<void> const ends(nullptr, [&](void *) { over = true; });
    threads.emplace_back([&] { found_tables(here, token, foundings, over, log, 100ms); });
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] { read_pages(deaf, foundings, over, log, ttl + stale); });
    }
    std::this_thread::sleep_for(by_mode<Clock::duration>(1'500ms, 20s));
    over = true;
    threads.clear();
    Log const seen = log.with([](Log &its) { return std::move(its); });
    take_over(seen, "with messages lost");
    if (lossy.lost() == 0) report_.failures.push_back("no message was lost, so nothing was shown");
    if (seen.oldest < ttl / 4)
      report_.failures.push_back("messages were lost and no page was old, so nothing was shown");
    report_.add({.name = "with messages lost: the oldest page, out of date for",
                 .value = std::chrono::duration<double>(seen.oldest).count(),
                 .unit = "s",
                 .must = Figure::Must::be_at_most,
                 .bar = std::chrono::duration<double>(ttl + stale + kSlack).count(),
                 .kind = Figure::Kind::right});
    report_.findings.push_back("with " + std::to_string(lossy.lost()) + " messages lost, " +
                               load::number_words(static_cast<double>(seen.watched)) + " pages were read while " +
                               std::to_string(foundings.size()) +
                               " tables were founded elsewhere; the oldest was out of "
                               "date for " +
                               load::duration_words(seen.oldest) + " of " + load::duration_words(ttl + stale) +
                               " that are allowed");
    instances_.end(here);
    instances_.end(deaf);
  }

  /// Redis dies under load and comes back.
  void lose_redis() {
    std::vector<std::string> played;
    {
      PlayedTables tables(instances_.database_url());
      for (std::size_t i = 0; i < by_mode<std::size_t>(3, 20); ++i) played.push_back(tables.play());
    }
    auto const ttl = 2'000ms;
    auto const stale = 2'000ms;
    auto const knobs = std::vector<std::string>{knob("ttl", ttl), knob("stale_while_revalidate", stale),
                                                "--knob=table_idle_unload_ms=1000"};
    auto &here = instances_.start(redis_url(), knobs);
    auto &there = instances_.start(redis_url(), knobs);
    auto const token = ServedInstances::register_player(here);
    // Before those whose order is watched.
    KeptConnection connection(here.port());
    auto const table = ServedInstances::found_table(connection, token, "Played");
    Foundings foundings;
    std::atomic<bool> over{false};
    Guarded<Log> log;
    std::vector<std::jthread> threads;
    // Also where something throws.
    std::shared_ptr<void> const ends(nullptr, [&](void *) { over = true; });
    threads.emplace_back([&] { found_tables(here, token, foundings, over, log, 200ms); });
    threads.emplace_back([&] { play(here, table, token, over, log); });
    threads.emplace_back([&] { join_tables({&here, &there}, played, over, log); });
    for (auto *server : {&here, &there}) {
      threads.emplace_back([&, server] { read_pages(*server, foundings, over, log, ttl + stale); });
      threads.emplace_back([&, server] { read_histories(*server, token, played, over, log); });
    }
    QueryCount count(instances_.database_url());
    auto &servers = PrivateServers::shared();
    watch_phase(by_mode<Clock::duration>(500ms, 8s), count, log);
    begin_phase(log);
    servers.kill_redis();
    auto const killed_at = Clock::now();
    watch_phase(by_mode<Clock::duration>(2s, 30s), count, log);
    servers.start_redis();
    begin_phase(log);
    report_.findings.push_back("Redis was away for " + load::duration_words(Clock::now() - killed_at));
    watch_phase(by_mode<Clock::duration>(1s, 10s), count, log);
    over = true;
    threads.clear();
    Log seen = log.with([](Log &its) { return std::move(its); });
    take_over(seen, "while Redis was killed and started");
    tell_phases(seen);

    for (auto *server : {&here, &there}) {
      auto const give_up = Clock::now() + 20s;
      while (ServedInstances::metric(*server, "tableforge_redis_subscribed") != ServedInstances::kSubscriptions &&
             Clock::now() < give_up) {
        std::this_thread::sleep_for(10ms);
      }
      if (Clock::now() >= give_up) report_.failures.push_back("a server did not find Redis again");
    }
    instances_.end(here);
    instances_.end(there);
  }

  /// Founds a table every so often, until it is over.
  static void found_tables(ServeProcess const &server, std::string const &token, Foundings &foundings,
                           std::atomic<bool> const &over, Guarded<Log> &log, milliseconds pause) {
    attempt(log, "a founding", [&] {
      KeptConnection connection(server.port());
      for (int i = 0; !over; ++i) {
        auto const begin = Clock::now();
        auto const id = ServedInstances::found_table(connection, token, "Table " + std::to_string(i));
        auto const end = Clock::now();
        foundings.answered(id, end);
        note(log, "founding", end - begin);
        std::this_thread::sleep_for(pause);
      }
    });
  }

  /// Reads first pages, of both shards, and judges their age.
  static void read_pages(ServeProcess const &server, Foundings const &foundings, std::atomic<bool> const &over,
                         Guarded<Log> &log, milliseconds bound) {
    attempt(log, "a page of the lobby", [&] {
      auto connections = ServedInstances::connections(server, 4);
      auto const target = "/v1/tables?limit=" + std::to_string(kPage);
      for (std::size_t i = 0; !over; ++i) {
        auto const asked_at = Clock::now();
        auto const answer = connections[i % connections.size()].get(target);
        note(log, "page of the lobby", Clock::now() - asked_at);
        if (answer.status != 200) {
          log.with([&](Log &its) { its.errors.push_back("a page was answered by " + std::to_string(answer.status)); });
          continue;
        }
        auto const age = foundings.age_of(ids_in(answer.body), asked_at);
        log.with([&](Log &its) {
          ++its.watched;
          if (!age) {
            ++its.torn;
            return;
          }
          its.oldest = std::max(its.oldest, *age);
          if (*age > bound + kSlack) ++its.stale;
        });
        std::this_thread::sleep_for(2ms);
      }
    });
  }

  static void read_histories(ServeProcess const &server, std::string const &token,
                             std::vector<std::string> const &played, std::atomic<bool> const &over, Guarded<Log> &log) {
    attempt(log, "a history", [&] {
      std::mt19937 random(1);
      auto connections = ServedInstances::connections(server, 2);
      for (std::size_t i = 0; !over; ++i) {
        auto const from = 1 + 100 * (random() % 5);
        auto const target = "/v1/tables/" + played[random() % played.size()] + "/history?from=" + std::to_string(from);
        auto const begin = Clock::now();
        auto const answer = connections[i % connections.size()].get(target, token);
        note(log, "piece of a history", Clock::now() - begin);
        if (answer.status != 200) {
          log.with(
              [&](Log &its) { its.errors.push_back("a history was answered by " + std::to_string(answer.status)); });
        }
        std::this_thread::sleep_for(5ms);
      }
    });
  }

  /// Joins tables that are at rest, wherever.
  static void join_tables(std::vector<ServeProcess const *> servers, std::vector<std::string> const &played,
                          std::atomic<bool> const &over, Guarded<Log> &log) {
    attempt(log, "a join", [&] {
      std::vector<Reader> readers;
      for (auto const *server : servers)
        readers.emplace_back(load::Endpoint{.host = "127.0.0.1", .port = server->port()}, "Visitor");
      for (std::size_t i = 0; !over; ++i) {
        auto const seen = readers[i % readers.size()].join(played[i / readers.size() % played.size()]);
        if (seen.seq < PlayedTables::kEvents) {
          log.with([&](Log &its) { its.errors.push_back("a join showed a table as it was long ago"); });
        }
        note(log, "join", seen.took);
        std::this_thread::sleep_for(100ms);
      }
    });
  }

  /// Talks at a table.
  static void play(ServeProcess const &server, std::string const &table, std::string const &token,
                   std::atomic<bool> const &over, Guarded<Log> &log) {
    attempt(log, "an action", [&] {
      Peer player(server.port());
      player.upgrade(table);
      player.hello(token);
      if (player.await("welcome").is_null()) throw std::runtime_error("the player is not let in");
      for (int i = 0; !over; ++i) {
        auto const begin = Clock::now();
        player.text({{"op", "chat.say"}, {"id", std::to_string(i)}, {"data", {{"text", "a line"}}}});
        for (auto message = player.message();; message = player.message()) {
          if (message.is_null()) throw std::runtime_error("the connection ended");
          if (message.value("ev", "") == "error") throw std::runtime_error("it was answered by " + message.dump());
          if (message.value("ev", "") == "chat.said") break;
        }
        note(log, "action", Clock::now() - begin);
        std::this_thread::sleep_for(50ms);
      }
    });
  }

  /// What goes wrong ends this part of the load, and is an error that somebody was shown.
  template <class F>
  static void attempt(Guarded<Log> &log, std::string const &what, F act) {
    try {
      act();
    } catch (std::exception const &failure) {
      log.with([&](Log &its) { its.errors.push_back(what + ": " + failure.what()); });
    }
  }
  static void note(Guarded<Log> &log, std::string const &what, Clock::duration took) {
    log.with([&](Log &its) {
      its.phases.back().took[what].record(took.count());
      its.all.record(took.count());
    });
  }
  static void begin_phase(Guarded<Log> &log) {
    log.with([](Log &its) { its.phases.emplace_back(); });
  }

  /// Lets the load go on, and notes each second.
  void watch_phase(Clock::duration lasts, QueryCount &count, Guarded<Log> &log) {
    auto const begin = Clock::now();
    auto const first = count.reads();
    auto last = first;
    while (Clock::now() < begin + lasts) {
      auto const second = Clock::now();
      auto const before = log.with([](Log &its) { return its.all; });
      std::this_thread::sleep_for(std::min<Clock::duration>(1s, begin + lasts - Clock::now()));
      auto const now = count.reads();
      auto const took = log.with([&](Log &its) { return its.all.since(before); });
      auto const seconds = std::chrono::duration<double>(Clock::now() - second).count();
      line_.push_back({.at = std::chrono::duration<double>(Clock::now() - began_).count(),
                       .queries = static_cast<double>(now - last) / seconds,
                       .p50 = std::chrono::duration<double>(took.p50).count(),
                       .p99 = std::chrono::duration<double>(took.p99).count()});
      last = now;
    }
    log.with([&](Log &its) {
      its.phases.back().seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      its.phases.back().queries = last - first;
    });
  }

  void take_over(Log const &seen, std::string const &when) {
    report_.reads_watched += seen.watched;
    report_.stale_reads += seen.stale;
    report_.add({.name = "errors shown to players, " + when,
                 .value = static_cast<double>(seen.errors.size()),
                 .must = Figure::Must::be_at_most,
                 .bar = 0,
                 .kind = Figure::Kind::right});
    report_.add({.name = "pages with a hole, " + when,
                 .value = static_cast<double>(seen.torn),
                 .must = Figure::Must::be_at_most,
                 .bar = 0,
                 .kind = Figure::Kind::right});
    for (std::size_t i = 0; i < std::min<std::size_t>(seen.errors.size(), 5); ++i) {
      report_.findings.push_back("an error, " + when + ": " + seen.errors[i]);
    }
    if (seen.watched == 0) report_.failures.push_back("nothing was read, " + when);
  }

  void tell_phases(Log const &seen) {
    std::string const names[] = {"before", "Redis away", "after"};
    for (auto const &[what, ignored] : seen.phases.front().took) {
      for (std::size_t i = 0; i < seen.phases.size(); ++i) {
        auto const found = seen.phases[i].took.find(what);
        if (found == seen.phases[i].took.end()) {
          report_.failures.push_back("there was no " + what + " in the time \"" + names[i] + "\"");
          continue;
        }
        report_.time(what + ", " + names[i], found->second.quantiles());
      }
    }
    std::string words = "reads of PostgreSQL per second:";
    double rates[3] = {};
    for (std::size_t i = 0; i < seen.phases.size(); ++i) {
      rates[i] = static_cast<double>(seen.phases[i].queries) / std::max(seen.phases[i].seconds, 1e-3);
      words += " " + load::number_words(rates[i]) + " " + names[i] + ",";
      report_.add({.name = "reads of PostgreSQL per second, " + names[i], .value = rates[i]});
    }
    words.pop_back();
    report_.findings.push_back(words);
    if (rates[1] > 3 * rates[0]) {
      report_.recommendations.push_back(
          "While Redis is away PostgreSQL is asked " + load::number_words(rates[1] / rates[0]) +
          " times as often: see that it has the CPU for it, or raise cache_lobby_page_ttl_ms.");
    }
    load::PlotPlaces places{.label = "seconds", .names = {}, .at = {}, .words = load::short_number};
    load::PlotLine p50{"p50", "p50", {}}, p99{"p99", "p99", {}}, queries{"reads of PostgreSQL", "orange", {}};
    for (Second const &second : line_) {
      places.at.push_back(second.at);
      places.names.push_back(load::number_words(second.at) + " s");
      p50.values.emplace_back(second.p50);
      p99.values.emplace_back(second.p99);
      queries.values.emplace_back(second.queries);
    }
    report_.plots.push_back({.title = "Latency while Redis is killed and started",
                             .note = "Pages, histories, joins, foundings and actions together.",
                             .x = places,
                             .y = {.label = "latency, logarithmic",
                                   .logarithmic = true,
                                   .words =
                                       [](double seconds) {
                                         return load::duration_words(
                                             std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
                                       }},
                             .lines = {std::move(p50), std::move(p99)}});
    report_.plots.push_back({.title = "Load of PostgreSQL",
                             .note = {},
                             .x = std::move(places),
                             .y = {.label = "per second", .words = load::short_number},
                             .lines = {std::move(queries)}});
  }

  static std::string const &redis_url() { return PrivateServers::shared().redis_url(); }

  struct Second {
    double at = 0, queries = 0, p50 = 0, p99 = 0;
  };

  CacheReport report_{"Invalidation",
                      "Two servers on one database and one Redis: tables are founded at one and looked for at the "
                      "other; then the other's messages are lost on purpose; then Redis is killed under load and "
                      "started again."};
  ServedInstances instances_;
  Clock::time_point began_ = Clock::now();
  std::vector<Second> line_;
};

TEST_F(Invalidation, ShowsChangesElsewhereAndNoErrorToAnybody) {
  see_writes_elsewhere();
  lose_messages();
  lose_redis();
  report_.recommendations.push_back(
      "cache_lobby_page_ttl_ms and cache_lobby_page_stale_while_revalidate_ms together are what a lost message costs: "
      "lower them where tableforge_redis_subscriptions_lost_total grows, raise them where Redis is steady and "
      "PostgreSQL is not.");
  conclude(report_, "cache-invalidation");
}

}  // namespace
}  // namespace tableforge::test::invalidation
