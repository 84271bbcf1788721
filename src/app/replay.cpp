#include "app/replay.hpp"

#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tableforge/load/replay.hpp"

namespace tableforge::app {

namespace {

struct ReplayArguments {
  load::ReplayOptions options;
  std::string poker;
  std::string chess;
  std::string json;
  std::size_t games = 0;
  std::uint64_t seed = 0;
  std::string record;
  std::uint64_t deadline_seconds = 30;
  bool quiet = false;
};

int replay(ReplayArguments const &arguments, bool seeded) {
  load::ReplayOptions options = arguments.options;
  bool const poker = !arguments.poker.empty();
  options.game = poker ? load::RecordedGame::poker : load::RecordedGame::chess;
  options.file = poker ? arguments.poker : arguments.chess;
  if (arguments.games > 0) options.games_max = arguments.games;
  if (seeded) options.seed = arguments.seed;
  if (!arguments.record.empty()) options.record = arguments.record;
  options.deadline = std::chrono::seconds(arguments.deadline_seconds);
  options.progress = !arguments.quiet;

  load::ReplayReport const report = load::run_replay(options);
  std::cout << load::summary(report) << std::flush;
  if (!arguments.json.empty()) {
    std::ofstream file(arguments.json);
    file << load::to_json(report) << '\n';
    if (!file.flush()) {
      std::cerr << "tableforge: cannot write " << arguments.json << '\n';
      return 1;
    }
  }
  return report.passed() ? 0 : 1;
}

}  // namespace

std::function<int()> replay_command(CLI::App &app) {
  auto const arguments = std::make_shared<ReplayArguments>();
  app.add_option("--url", arguments->options.url, "The server: ws://host:port")->required()->type_name("URL");
  auto *const source = app.add_option_group("games", "What to play; one of them");
  source->add_option("--poker", arguments->poker, "Recorded hands, one JSON object per line")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  source->add_option("--chess", arguments->chess, "Recorded games, one JSON object per line")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  source->require_option(1);
  app.add_option("--tables", arguments->options.tables, "Tables at once; the games are shared out among them")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--games", arguments->games, "Only the first so many games")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  auto *const seed =
      app.add_option("--seed", arguments->seed, "Of all mischief; printed, and random without this")->type_name("S");
  app.add_option("--json", arguments->json, "Write the report as JSON too")->type_name("FILE");
  app.add_option("--record", arguments->record, "Keep every frame of every viewer in this folder")->type_name("DIR");
  app.add_option("--cut-rate", arguments->options.cut_rate, "Share of actions beside which a connection is cut")
      ->type_name("0..1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--repeat-rate", arguments->options.repeat_rate, "Share of actions that are sent twice")
      ->type_name("0..1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--deadline", arguments->deadline_seconds, "Seconds for every answer")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  app.add_flag("--quiet", arguments->quiet, "Show no progress");
  return [arguments, seed] { return replay(*arguments, seed->count() > 0); };
}

}  // namespace tableforge::app
