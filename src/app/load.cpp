#include "app/load.hpp"

#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tableforge/load/load.hpp"

namespace tableforge::app {

namespace {

struct LoadArguments {
  load::LoadOptions options;
  std::string mix;
  std::string ramp;
  std::string spike;
  double duration_seconds = 10;
  double step_seconds = 2;
  double deadline_seconds = 30;
  double saturate_ms = 0;
  int server_pid = 0;
  int database_pid = 0;
  unsigned cpu = 0;
  std::uint64_t seed = 0;
  std::string json;
  std::string html;
  bool full = false;
  bool quiet = false;
};

std::chrono::milliseconds seconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000));
}

bool write_file(std::string const &name, std::string const &text) {
  std::ofstream file(name);
  file << text << '\n';
  if (file.flush()) return true;
  std::cerr << "tableforge: cannot write " << name << '\n';
  return false;
}

/// Whether a text is one that `parse` takes, as CLI11 asks.
template <class Parse>
CLI::Validator reads(Parse parse, std::string const &wanted) {
  return {[parse, wanted](std::string &text) { return parse(text) ? std::string() : text + " is not " + wanted; }, ""};
}

int load_with(CLI::App const &app, LoadArguments const &arguments) {
  auto options = arguments.options;
  auto const given = [&](char const *name) { return app.count(name) > 0; };
  if (given("--mix")) options.mix = *load::parse_mix(arguments.mix);
  if (given("--ramp")) options.ramp = load::parse_ramp(arguments.ramp);
  if (given("--spike")) options.spike = load::parse_spike(arguments.spike);
  if (given("--saturate")) options.saturate = seconds_of(arguments.saturate_ms / 1'000);
  if (given("--server-pid")) options.server_pid = arguments.server_pid;
  if (given("--database-pid")) options.database_pid = arguments.database_pid;
  if (given("--cpu")) options.cpu = arguments.cpu;
  if (given("--seed")) options.seed = arguments.seed;
  if (arguments.full) options.sample = 1;
  options.duration = seconds_of(arguments.duration_seconds);
  options.saturate_step = seconds_of(arguments.step_seconds);
  options.deadline = seconds_of(arguments.deadline_seconds);
  options.stop_on_signals = true;
  options.progress = !arguments.quiet;

  auto const report = load::run_load(options);
  std::cout << load::summary(report) << std::flush;
  bool written = true;
  if (!arguments.json.empty()) written = write_file(arguments.json, load::to_json(report));
  if (!arguments.html.empty()) written = write_file(arguments.html, load::to_html(report)) && written;
  return report.passed() && report.failures.empty() && written ? 0 : 1;
}

void add_crowd(CLI::App &app, load::LoadOptions &options) {
  app.add_option("--tables", options.tables, "Tables")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--players", options.players, "Seats taken at each table; only who sits sends")
      ->type_name("N")
      ->check(CLI::Range(1, 12))
      ->capture_default_str();
  app.add_option("--seats", options.seats, "Seats of each table, if some are to be empty; 0: as many as players")
      ->type_name("N")
      ->check(CLI::Range(0, 12))
      ->capture_default_str();
  app.add_option("--spectators", options.spectators, "Connections at each table that take no seat")
      ->type_name("N")
      ->check(CLI::Range(0, 480))
      ->capture_default_str();
  app.add_option(
         "--slow-readers", options.slow_readers,
         "Further connections, over all tables, that read 5 KB/s: the server has to resync them, which is no loss")
      ->type_name("N")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  app.add_option("--churn", options.churn, "Connections cut, and resumed at once, per second")
      ->type_name("N/s")
      ->check(CLI::Range(0.0, 10'000.0))
      ->capture_default_str();
}

void add_course(CLI::App &app, LoadArguments &arguments) {
  auto &options = arguments.options;
  app.add_option("--rate", options.rate,
                 "Messages per second over all tables, presence included as the mix says; each is sent when it is due, "
                 "whatever the server does. With --saturate: where the search begins")
      ->type_name("N/s")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  app.add_option("--mix", arguments.mix,
                 "Shares of the messages: move, draw, dice, chat, presence, in parts of any sum; what is not named has "
                 "none (default: move=25,draw=5,dice=3,chat=2,presence=65)")
      ->type_name("NAME=PART,...")
      ->check(reads(load::parse_mix, "a mix such as move=3,presence=7"));
  app.add_option("--duration", arguments.duration_seconds, "Seconds of load, after the setup")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  auto *const ramp = app.add_option("--ramp", arguments.ramp,
                                    "Instead of one rate: from FROM to TO messages per second in so many equal steps, "
                                    "which share the duration; each is a stage of the report")
                         ->type_name("FROM:TO:STEPS")
                         ->check(reads(load::parse_ramp, "a ramp such as 1000:5000:5, of 2 to 1000 steps"));
  auto *const spike = app.add_option("--spike", arguments.spike,
                                     "For one second, T seconds after the begin, N times the rate that it would be")
                          ->type_name("N@T")
                          ->check(reads(load::parse_spike, "a spike such as 10@5"));
  app.add_option("--saturate", arguments.saturate_ms,
                 "Look for the highest rate whose p99 (of acknowledgements; of presence if there is nothing else) is "
                 "below so many milliseconds with nothing lost: by doubling, then by bisection")
      ->type_name("MS")
      ->check(CLI::Range(0.1, 60'000.0))
      ->excludes(ramp)
      ->excludes(spike);
  app.add_option("--step", arguments.step_seconds, "Seconds for each rate that --saturate tries")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.5, 600.0))
      ->capture_default_str();
}

}  // namespace

std::function<int()> load_command(CLI::App &app) {
  auto const arguments = std::make_shared<LoadArguments>();
  auto &options = arguments->options;
  app.add_option("--url", options.url, "The server: ws://host:port")->required()->type_name("URL");
  add_crowd(app, options);
  add_course(app, *arguments);
  app.add_option("--cpu", arguments->cpu, "Stay on this core")->type_name("N");
  app.add_option("--server-pid", arguments->server_pid, "The process whose CPU and memory are reported")
      ->type_name("PID")
      ->check(CLI::PositiveNumber);
  app.add_option("--database-pid", arguments->database_pid,
                 "PostgreSQL's first process, whose children's CPU and memory are reported with its own")
      ->type_name("PID")
      ->check(CLI::PositiveNumber);
  app.add_flag("--full", arguments->full, "Parse and check every message, not one of 256");
  app.add_option("--seed", arguments->seed, "Of who sends what; printed, and random without this")->type_name("S");
  app.add_option("--deadline", arguments->deadline_seconds, "Seconds for every answer, and for stragglers at the end")
      ->type_name("SECONDS")
      ->check(CLI::Range(1.0, 3'600.0))
      ->capture_default_str();
  app.add_option("--json", arguments->json, "Write the report as JSON too")->type_name("FILE");
  app.add_option("--html", arguments->html, "Write the report as one page with plots too")->type_name("FILE");
  app.add_option("--title", options.title, "Of the report")->type_name("TEXT")->capture_default_str();
  std::map<std::string, load::LoadDialect> const dialects{{"tableforge", load::LoadDialect::tableforge},
                                                          {"ws", load::LoadDialect::ws},
                                                          {"socket.io", load::LoadDialect::socket_io},
                                                          {"colyseus", load::LoadDialect::colyseus},
                                                          {"nats", load::LoadDialect::nats}};
  app.add_option(
         "--dialect", options.dialect,
         "Whose language is spoken: tableforge, or for comparison a broadcast server's: ws, socket.io, colyseus "
         "or nats (default: tableforge)")
      ->type_name("NAME")
      ->transform(CLI::CheckedTransformer(dialects));
  app.add_flag("--quiet", arguments->quiet, "Show no progress");
  return [arguments, &app] { return load_with(app, *arguments); };
}

}  // namespace tableforge::app
