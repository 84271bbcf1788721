#include "tableforge/load/load.hpp"

#include <random>
#include <string>

#include <sched.h>
#include <sys/resource.h>

#include "load/load_run.hpp"
#include "load/mark.hpp"
#include "load/process_use.hpp"

namespace tableforge::load {

namespace {

constexpr std::size_t kPlayersMax = 12;        // What a table of the blank system can seat.
constexpr std::size_t kTableClientsMax = 500;  // Of the 512 that may ever join a table.
constexpr rlim_t kOtherFiles = 64;

LoadReport failed(LoadOptions const &options, std::string why) {
  LoadReport report;
  report.title = options.title;
  report.url = options.url;
  report.failures.push_back(std::move(why));
  return report;
}

/// Every client is a descriptor, and the usual 1,024 are few. Whether there are enough.
bool raise_open_files(std::size_t clients) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur >= clients + kOtherFiles;
}

bool stay_on(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu >= CPU_SETSIZE) return false;
  CPU_SET(cpu, &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

std::optional<std::string> impossible(LoadOptions const &options, std::size_t clients) {
  if (options.tables == 0 || options.players == 0) return "a load needs a table and a player";
  if (options.players > kPlayersMax)
    return "a table seats at most " + std::to_string(kPlayersMax) + " players; give it spectators, or more tables";
  if (options.seats > kPlayersMax) return "a table has at most " + std::to_string(kPlayersMax) + " seats";
  if (options.seats != 0 && options.seats < options.players) return "a player at each table would have no seat";
  if (clients / options.tables >= kTableClientsMax) return "a table has room for 500 connections; give more tables";
  if (clients > kCursorSenderMax) return "at most 99,999 connections can be told apart";
  if (options.mix.sum() <= 0) return "the mix has nothing in it";
  bool const mixed = options.mix.actions() > 0 && options.mix.presence > 0;
  if (options.dialect != LoadDialect::tableforge && mixed)
    return "a server that only broadcasts is measured with presence or with actions, not with both; see --mix";
  if (options.sample == 0) return "the sample must be at least 1";
  if (options.server_pid && !totals_of(*options.server_pid))
    return "there is no process " + std::to_string(*options.server_pid) + " whose CPU could be read";
  if (options.database_pid && !totals_of_family(*options.database_pid))
    return "there is no process " + std::to_string(*options.database_pid) + " whose CPU could be read";
  return std::nullopt;
}

}  // namespace

LoadReport run_load(LoadOptions const &options) {
  auto const server = parse_endpoint(options.url);
  if (!server) return failed(options, "the url is not of the form ws://host:port");
  auto const clients = options.tables * (options.players + options.spectators) + options.slow_readers;
  if (auto why = impossible(options, clients)) return failed(options, std::move(*why));
  if (!raise_open_files(clients))
    return failed(options, "this process may not open enough files for " + std::to_string(clients) +
                               " connections; raise the hard limit (ulimit -Hn)");
  if (options.cpu && !stay_on(*options.cpu)) return failed(options, "there is no CPU " + std::to_string(*options.cpu));
  std::random_device device;
  return LoadRun(options, *server, options.seed.value_or(std::uint64_t{device()} << 32 | device())).run();
}

}  // namespace tableforge::load
