#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "load/fine_histogram.hpp"
#include "load/quantity.hpp"
#include "performance/cache/cache_report.hpp"
#include "performance/cache/served_instances.hpp"
#include "performance/support/played_tables.hpp"
#include "performance/support/reader.hpp"
#include "support/private_servers.hpp"

namespace tableforge::test::table_load {
namespace {

using namespace std::chrono_literals;

// Bar: p99, warm to cold.
constexpr double kWarmToColdMax = 0.3;

using Ids = std::vector<std::string>;
using Durations = std::vector<std::chrono::nanoseconds>;

std::chrono::nanoseconds median(Durations values) {
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// One way to come to a table, over all rounds.
struct Way {
  std::string name;
  load::FineHistogram all{};
  Durations p50s{}, p99s{};
};

class TableLoad : public testing::Test {
 protected:
  /// Tables that are joined, and others that are read, in one round.
  struct Round {
    Ids joined, read;
  };

  TableLoad() {
    PlayedTables played(instances_.database_url());
    auto const some = [&](std::size_t count) {
      Ids ids;
      for (std::size_t i = 0; i < count; ++i) ids.push_back(played.play());
      return ids;
    };
    // Connections to the database and to nobody's table, so that neither is what is measured.
    warm_up_ = some(by_mode<std::size_t>(2, 20));
    auto const each = by_mode<std::size_t>(3, 100);
    for (int i = 0; i < by_mode(1, 3); ++i) rounds_.push_back({.joined = some(each), .read = some(each)});
    become_known();
  }

  /// The visitor has been at all tables that are joined: a first visit is an event, and waits for its own commit. The
  /// server keeps nothing of it, and takes no snapshot.
  void become_known() {
    auto &server = instances_.start("none", {"--knob=snapshot_every_events=100000"});
    visitor_.emplace(at(server), "Visitor");
    for (auto const &round : rounds_) {
      for (auto const &id : round.joined) note(visitor_->join(id));
    }
    instances_.end(server);
  }

  ServeProcess &serve() {
    auto &server = instances_.start(PrivateServers::shared().redis_url(),
                                    {"--knob=table_idle_unload_ms=" + std::string(by_mode("1000", "3000"))});
    auto reader = visitor_->at(at(server));
    for (auto const &id : warm_up_) note(reader.read_table(id));
    return server;
  }
  static load::Endpoint at(ServeProcess const &server) { return {.host = "127.0.0.1", .port = server.port()}; }

  void note(Reader::Seen const &seen) {
    ++report_.reads_watched;
    // An answer of less is one from before what was committed long ago.
    if (seen.seq < PlayedTables::kEvents) ++report_.stale_reads;
  }

  /// Of each table once.
  template <class See>
  void take(Way &way, Ids const &ids, See see) {
    load::FineHistogram took;
    for (auto const &id : ids) {
      auto const seen = see(id);
      note(seen);
      took.record(seen.took.count());
      way.all.record(seen.took.count());
    }
    way.p50s.push_back(took.quantiles().p50);
    way.p99s.push_back(took.quantiles().p99);
  }
  void join_all(ServeProcess const &server, Way &way, Ids const &ids) {
    auto reader = visitor_->at(at(server));
    take(way, ids, [&](std::string const &id) { return reader.join(id); });
  }
  void read_all(ServeProcess const &server, Way &way, Ids const &ids) {
    auto reader = visitor_->at(at(server));
    take(way, ids, [&](std::string const &id) { return reader.read_table(id); });
  }
  static void await_unloading(ServeProcess const &server) {
    auto const give_up = std::chrono::steady_clock::now() + 60s;
    while (ServedInstances::metric(server, "tableforge_tables_open") > 0) {
      if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("tables at rest stay in memory");
      std::this_thread::sleep_for(20ms);
    }
  }
  static double hits(ServeProcess const &server, std::string const &level) {
    return ServedInstances::metric(server,
                                   R"(tableforge_cache_hits_total{class="table_state",level=")" + level + "\"}");
  }

  void compare(std::string const &what, Way const &cold, Way const &warm, Figure::Kind kind) {
    auto const ratio = [](Durations const &of, Durations const &to) {
      return static_cast<double>(median(of).count()) / static_cast<double>(median(to).count());
    };
    report_.add({.name = what + ": p99, warm to cold, medians of " + std::to_string(rounds_.size()) + " rounds",
                 .value = ratio(warm.p99s, cold.p99s),
                 .must = Figure::Must::be_at_most,
                 .bar = kWarmToColdMax,
                 .kind = kind});
    report_.add({.name = what + ": p50, warm to cold", .value = ratio(warm.p50s, cold.p50s)});
  }

  CacheReport report_{"Joining a table that is at rest",
                      "Tables with 500 events behind their newest snapshot, which nobody has open, are joined and read "
                      "once each: from PostgreSQL, from what the instance has kept in memory, from Redis; in rounds, "
                      "each with tables of its own, by somebody who has been there before. A join is timed from before "
                      "its connection is opened to the "
                      "welcome's receipt."};
  ServedInstances instances_;
  std::optional<Reader> visitor_;
  Ids warm_up_;
  std::vector<Round> rounds_;
};

TEST_F(TableLoad, IsShorterFromWhatWasKept) {
  Way join_cold{.name = "join, from PostgreSQL"}, read_cold{.name = "read over HTTP, from PostgreSQL"};
  Way join_open{.name = "join of a table that is open, for comparison"};
  Way join_memory{.name = "join, from memory"}, read_memory{.name = "read over HTTP, from memory"};
  Way join_redis{.name = "join, from Redis"}, read_redis{.name = "read over HTTP, from Redis"};

  auto &first = serve();
  double expected = 0;
  for (auto const &round : rounds_) {
    join_all(first, join_cold, round.joined);
    read_all(first, read_cold, round.read);
    join_all(first, join_open, round.joined);
    await_unloading(first);
    auto const hits_before = hits(first, "l1");
    join_all(first, join_memory, round.joined);
    read_all(first, read_memory, round.read);
    auto const kept = static_cast<double>(round.joined.size() + round.read.size());
    if (hits(first, "l1") - hits_before < kept) report_.failures.push_back("not every state was kept in memory");
    expected += kept;
  }
  auto &second = serve();
  auto const hits_in_redis = hits(second, "l2");
  for (auto const &round : rounds_) {
    join_all(second, join_redis, round.joined);
    read_all(second, read_redis, round.read);
  }
  if (hits(second, "l2") - hits_in_redis < expected * 0.9) report_.failures.push_back("states were not found in Redis");

  for (auto const *way : {&join_cold, &read_cold, &join_open, &join_memory, &read_memory, &join_redis, &read_redis}) {
    report_.time(way->name, way->all.quantiles());
  }
  compare("join, from memory", join_cold, join_memory, Figure::Kind::ratio);
  compare("join, from Redis", join_cold, join_redis, Figure::Kind::told);
  compare("read over HTTP, from memory", read_cold, read_memory, Figure::Kind::told);
  compare("read over HTTP, from Redis", read_cold, read_redis, Figure::Kind::told);
  auto const words = [](Way const &way) {
    return load::duration_words(median(way.p50s)) + " (p99 " + load::duration_words(median(way.p99s)) + ")";
  };
  report_.findings.push_back("a join from PostgreSQL takes " + words(join_cold) + ", from memory " +
                             words(join_memory) + ", of an open table " + words(join_open) +
                             ": what is left is connecting, the rows behind the state, and the welcome");
  report_.recommendations.push_back(
      "Raise table_idle_unload_ms before cache_table_state_bytes_max where people come back within minutes: an open "
      "table is joined faster than any that is kept.");
  report_.recommendations.push_back(
      "Lower snapshot_every_events where joins from PostgreSQL are slow: it bounds what such a load replays.");
  conclude(report_, "cache-table-load");
}

}  // namespace
}  // namespace tableforge::test::table_load
