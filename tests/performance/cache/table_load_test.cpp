#include <algorithm>
#include <chrono>
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

class TableLoad : public testing::Test {
 protected:
  TableLoad() {
    PlayedTables played(instances_.database_url());
    auto const count = by_mode<std::size_t>(4, 110);
    for (Ids *const ids : {&joined_, &read_}) {
      for (std::size_t i = 0; i < count; ++i) ids->push_back(played.play());
      // Connections to the database and to nobody's table, so that neither is what is measured.
      auto const warm_up = static_cast<std::ptrdiff_t>(count / 11 + 1);
      warm_up_.insert(warm_up_.end(), ids->end() - warm_up, ids->end());
      ids->erase(ids->end() - warm_up, ids->end());
    }
  }

  ServeProcess &serve() {
    return instances_.start(PrivateServers::shared().redis_url(),
                            {"--knob=table_idle_unload_ms=" + std::string(by_mode("1000", "3000"))});
  }

  /// Of each table once.
  template <class See>
  load::LatencyQuantiles take(std::string const &name, Ids const &ids, See see) {
    load::FineHistogram took;
    for (auto const &id : ids) {
      auto const seen = see(id);
      ++report_.reads_watched;
      // An answer of less is one from before what was committed long ago.
      if (seen.seq < PlayedTables::kEvents) ++report_.stale_reads;
      took.record(seen.took.count());
    }
    return report_.time(name, took.quantiles());
  }
  load::LatencyQuantiles join_all(ServeProcess const &server, std::string const &name, Ids const &ids) {
    Reader reader({.host = "127.0.0.1", .port = server.port()}, "Visitor");
    return take(name, ids, [&](std::string const &id) { return reader.join(id); });
  }
  load::LatencyQuantiles read_all(ServeProcess const &server, std::string const &name, Ids const &ids) {
    Reader reader({.host = "127.0.0.1", .port = server.port()}, "Visitor");
    return take(name, ids, [&](std::string const &id) { return reader.read_table(id); });
  }
  static void await_unloading(ServeProcess const &server) {
    auto const give_up = std::chrono::steady_clock::now() + 60s;
    while (ServedInstances::metric(server, "tableforge_tables_open") > 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "tables at rest stay in memory";
      std::this_thread::sleep_for(20ms);
    }
  }
  static double hits(ServeProcess const &server, std::string const &level) {
    return ServedInstances::metric(server,
                                   R"(tableforge_cache_hits_total{class="table_state",level=")" + level + "\"}");
  }

  void compare(std::string const &what, load::LatencyQuantiles const &cold, load::LatencyQuantiles const &warm,
               Figure::Kind kind) {
    report_.add({.name = what + ": p99, warm to cold",
                 .value = static_cast<double>(warm.p99.count()) / static_cast<double>(cold.p99.count()),
                 .must = Figure::Must::be_at_most,
                 .bar = kWarmToColdMax,
                 .kind = kind});
    report_.add({.name = what + ": p50, warm to cold",
                 .value = static_cast<double>(warm.p50.count()) / static_cast<double>(cold.p50.count())});
  }

  CacheReport report_{"Joining a table that is at rest",
                      "Tables with 500 events behind their newest snapshot, which nobody has open, are joined and read "
                      "once each: from PostgreSQL, from what the instance has kept in memory, from Redis."};
  ServedInstances instances_;
  Ids joined_, read_, warm_up_;
};

TEST_F(TableLoad, IsShorterFromWhatWasKept) {
  auto &first = serve();
  read_all(first, "warm-up", warm_up_);
  report_.timings.clear();
  auto const join_cold = join_all(first, "join, from PostgreSQL", joined_);
  auto const read_cold = read_all(first, "read over HTTP, from PostgreSQL", read_);
  auto const join_open = join_all(first, "join of a table that is open, for comparison", joined_);
  await_unloading(first);
  auto const hits_before = hits(first, "l1");
  auto const join_memory = join_all(first, "join, from memory", joined_);
  auto const read_memory = read_all(first, "read over HTTP, from memory", read_);
  auto const expected = static_cast<double>(joined_.size() + read_.size());
  if (hits(first, "l1") - hits_before < expected) report_.failures.push_back("not every state was kept in memory");

  auto &second = serve();
  read_all(second, "warm-up", warm_up_);
  report_.timings.pop_back();
  auto const hits_in_redis = hits(second, "l2");
  auto const join_redis = join_all(second, "join, from Redis", joined_);
  auto const read_redis = read_all(second, "read over HTTP, from Redis", read_);
  if (hits(second, "l2") - hits_in_redis < expected * 0.9) report_.failures.push_back("states were not found in Redis");

  compare("join, from memory", join_cold, join_memory, Figure::Kind::ratio);
  compare("join, from Redis", join_cold, join_redis, Figure::Kind::told);
  compare("read over HTTP, from memory", read_cold, read_memory, Figure::Kind::told);
  compare("read over HTTP, from Redis", read_cold, read_redis, Figure::Kind::told);
  report_.findings.push_back("a join from PostgreSQL takes " + load::duration_words(join_cold.p50) + " (p99 " +
                             load::duration_words(join_cold.p99) + "), from memory " +
                             load::duration_words(join_memory.p50) + " (p99 " + load::duration_words(join_memory.p99) +
                             "), of an open table " + load::duration_words(join_open.p50) +
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
