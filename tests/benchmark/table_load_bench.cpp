#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "performance/support/played_tables.hpp"
#include "support/private_servers.hpp"
#include "support/serve_process.hpp"

/// How long a table takes to load that has 500 events behind its snapshot, as somebody sees who reads it over HTTP:
/// from the database, from the memory of the instance that had it, and from Redis.
///
/// usage: bench_table_load [tables]
namespace tableforge::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::string_view kSecret = "ssssssssssssssssssssssssssssssss";

std::string argument(std::string const &name, std::string_view value) { return "--" + name + "=" + std::string(value); }

void must(bool holds, char const *what) {
  if (!holds) throw std::runtime_error(what);
}

struct Took {
  microseconds p50, p99;
};

/// Reads each table once.
Took read_all(test::ServeProcess const &server, std::vector<std::string> const &tables, std::string const &token) {
  std::vector<microseconds> times;
  for (auto const &id : tables) {
    auto const began = Clock::now();
    auto const answer = server.get("/v1/tables/" + id, token);
    times.push_back(std::chrono::duration_cast<microseconds>(Clock::now() - began));
    must(answer.status == 200 && answer.body.find("\"seq\":600") != std::string::npos, "not the table's state");
  }
  std::ranges::sort(times);
  return {times[times.size() / 2], times[(times.size() - 1) * 99 / 100]};
}

double metric(test::ServeProcess const &server, std::string const &name) {
  std::string const text = "\n" + server.admin("/metrics").body;
  auto const at = text.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
}

void report(char const *from, Took took, Took cold) {
  std::printf("%-28s p50 %7.3f ms  p99 %7.3f ms  p99 warm/cold %.2f\n", from,
              static_cast<double>(took.p50.count()) / 1e3, static_cast<double>(took.p99.count()) / 1e3,
              static_cast<double>(took.p99.count()) / static_cast<double>(cold.p99.count()));
}

int measure(int count) {
  auto &servers = test::PrivateServers::shared();
  auto const url = test::migrated_database();
  std::vector<std::string> tables;
  {
    test::PlayedTables played(url);
    for (int i = 0; i < count; ++i) tables.push_back(played.play());
  }
  std::vector<std::unique_ptr<test::ScratchDirectory>> directories;
  auto const serve = [&](std::string const &redis) {
    directories.push_back(std::make_unique<test::ScratchDirectory>());
    auto server = std::make_unique<test::ServeProcess>(test::ServeProcess::Options{
        .database_url = url,
        .run_dir = directories.back()->path(),
        .redis_url = redis,
        .more = {argument("secret", kSecret), argument("knob", "table_idle_unload_ms=3000")}});
    server->await_serving();
    return server;
  };
  auto const first = serve(servers.redis_url());
  auto const made = first->post("/v1/players", "", R"({"name":"Ada"})").body;
  auto const at = made.find("\"token\":\"") + 9;
  auto const token = made.substr(at, made.find('"', at) - at);
  // One connection to the database and one table, so that neither is what is measured.
  std::vector<std::string> const warm_up(tables.end() - std::min<int>(count / 10 + 1, count), tables.end());
  tables.resize(tables.size() - warm_up.size());
  read_all(*first, warm_up, token);

  auto const cold = read_all(*first, tables, token);
  auto const open = read_all(*first, tables, token);
  while (metric(*first, "tableforge_tables_open") > 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  auto const from_memory = read_all(*first, tables, token);
  auto const second = serve(servers.redis_url());
  read_all(*second, warm_up, token);
  auto const from_redis = read_all(*second, tables, token);

  std::printf("%zu tables of %d events, %d of them behind the snapshot\n", tables.size(), test::PlayedTables::kEvents,
              test::PlayedTables::kEventsBehind);
  report("snapshot and rows (cold)", cold, cold);
  report("kept in memory", from_memory, cold);
  report("kept in Redis", from_redis, cold);
  report("open, for comparison", open, cold);
  std::printf("hits in memory %.0f, in Redis %.0f\n",
              metric(*first, R"(tableforge_cache_hits_total{class="table_state",level="l1"})"),
              metric(*second, R"(tableforge_cache_hits_total{class="table_state",level="l2"})"));
  return 0;
}

}  // namespace
}  // namespace tableforge::benchmarks

int main(int argc, char **argv) {
  try {
    return tableforge::benchmarks::measure(argc > 1 ? std::stoi(argv[1]) : 200);
  } catch (std::exception const &failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
}
