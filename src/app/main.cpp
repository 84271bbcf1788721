#include <functional>
#include <iostream>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/doctor.hpp"
#include "app/embedded_documents.hpp"
#include "app/load.hpp"
#include "app/migrate.hpp"
#include "app/replay.hpp"
#include "app/serve.hpp"
#include "app/tuner_command.hpp"
#include "app/tuner_plan.hpp"
#include "config/options.hpp"

namespace tableforge::app {
namespace {

/// What shells and their users expect of a command that was called wrongly.
constexpr int kUsage = 2;

config::Options::Taken take(config::Options const &options) {
  auto taken = options.take();
  for (auto &mistake : tuner_mistakes(taken.settings)) taken.errors.push_back(std::move(mistake));
  return taken;
}

int serve_with(config::Options const &options) {
  auto const taken = take(options);
  for (auto const &error : taken.errors) std::cerr << "tableforge: " << error << '\n';
  return taken.errors.empty() ? serve(taken.settings) : kUsage;
}

/// With the settings of serve, so that a job takes the same file and the same variables.
int migrate_with(config::Options const &options, bool check) {
  auto const taken = take(options);
  for (auto const &error : taken.errors) std::cerr << "tableforge: " << error << '\n';
  if (!taken.errors.empty()) return kUsage;
  return check ? check_migration(taken.settings.database_url) : migrate(taken.settings.database_url);
}

int doctor_with(config::Options const &options) {
  auto const taken = take(options);
  return doctor(taken.settings, taken.errors);
}

int run(int argc, char **argv) {
  CLI::App app{"TableForge, a realtime game-table server", "tableforge"};
  app.set_version_flag("--version", "tableforge " + std::string(version()) + " (" + std::string(revision()) + ")");
  app.require_subcommand(1);

  auto *const serve_command = app.add_subcommand("serve", "Serve tables");
  config::Options const serve_options(*serve_command);

  auto *const migrate_command = app.add_subcommand("migrate", "Bring the database's schema up to date");
  bool migrate_check = false;
  migrate_command->add_flag("--check", migrate_check,
                            "Change nothing; the exit code tells: 0 nothing to do, 3 something to do, 4 a schema that "
                            "this program cannot serve.");
  config::Options const migrate_options(*migrate_command);

  auto *const replay_subcommand = app.add_subcommand("replay", "Play recorded games through a server and check them");
  auto const replay = replay_command(*replay_subcommand);

  auto *const load_subcommand = app.add_subcommand("load", "Put a server under load and measure it");
  auto const load = load_command(*load_subcommand);

  auto *const tuner_subcommand = app.add_subcommand("tuner", "Look at, start and steer the tuner of a running server");
  auto const tuner = tuner_command(*tuner_subcommand);

  auto *const doctor_command = app.add_subcommand("doctor", "Look at everything that serve needs, with its settings");
  config::Options const doctor_options(*doctor_command);

  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const &error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (serve_command->parsed()) return serve_with(serve_options);
  if (migrate_command->parsed()) return migrate_with(migrate_options, migrate_check);
  if (doctor_command->parsed()) return doctor_with(doctor_options);
  if (load_subcommand->parsed()) return load();
  if (tuner_subcommand->parsed()) return tuner();
  return replay();
}

}  // namespace
}  // namespace tableforge::app

int main(int argc, char **argv) {
  try {
    return tableforge::app::run(argc, argv);
  } catch (std::exception const &error) {
    std::cerr << "tableforge: " << error.what() << '\n';
    return 1;
  }
}
