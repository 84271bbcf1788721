#include "app/serve.hpp"

#include <iomanip>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tableforge/log/log.hpp"

#include "app/boot.hpp"
#include "app/embedded_documents.hpp"
#include "app/game_systems.hpp"
#include "app/open_files.hpp"
#include "app/operator_door.hpp"
#include "app/run_directory.hpp"
#include "app/signals.hpp"
#include "app/table_service.hpp"
#include "app/tuning.hpp"
#include "app/vocabulary.hpp"

namespace tableforge::app {

namespace {

/// Beyond the shutdown deadline: for what ends by itself a little later, such as a writer that is just connecting.
constexpr std::chrono::seconds kShutdownGrace{5};

log::Level level_of(std::string_view word) {
  if (word == "debug") return log::Level::debug;
  if (word == "warn") return log::Level::warn;
  if (word == "error") return log::Level::error;
  return log::Level::info;
}

int refuse(std::string_view why) {
  log::error("cannot serve", {{"why", why}});
  return 1;
}

/// What is wrong with the first of `values` that cannot be had; nothing is good.
std::string turn_knobs(Knobs &knobs, std::map<std::string, double> const &values) {
  for (auto const &[name, value] : values) {
    auto *const knob = knobs.find(name);
    if (knob == nullptr) return "--knob: there is no knob \"" + name + "\"";
    if (auto const set = knob->set_number(value); !set) {
      auto const info = knob->info();
      std::ostringstream out;
      out << "--knob " << name << ": " << set.error().text << "; it takes " << std::fixed << std::setprecision(0)
          << info.min << " to " << info.max << ' ' << info.unit;
      return out.str();
    }
  }
  return {};
}

std::string url_of(std::string const &address, std::uint16_t port) {
  bool const v6 = address.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

/// What belongs to the door that could not be opened, for a person who is to open it.
std::string door_trouble(std::string_view flag, std::uint16_t port, Error const &error) {
  return std::string(flag) + " " + std::to_string(port) + ": " + std::string(error.text) +
         (error.code == Errc::conflict ? "; choose another one, or 0 for any" : "");
}

}  // namespace

int serve(config::Settings const &settings) {
  StopSignals signals;
  log::init({.level = level_of(settings.log_level), .json = settings.log_json});
  log::info("TableForge begins", {{"version", version()},
                                  {"revision", revision()},
                                  {"open_files", raise_open_files().now},
                                  {"io_threads", settings.io_threads}});

  // From here on each local needs those above it, and is gone before them.
  auto directory = RunDirectory::open(settings.run_dir);
  if (!directory) return refuse(directory.error());
  auto const key = settings.secret ? std::expected<std::string, std::string>(*settings.secret) : directory->token_key();
  if (!key) return refuse(key.error());
  auto token =
      settings.admin_token ? std::expected<std::string, std::string>(*settings.admin_token) : directory->admin_token();
  if (!token) return refuse(token.error());
  auto systems = load_game_systems();
  if (!systems) return refuse(systems.error());
  auto const redis = redis_options(settings.redis_url);
  if (!redis) return refuse("--redis-url: " + std::string(redis.error().text));

  Knobs knobs;
  if (auto const wrong = turn_knobs(knobs, settings.knobs); !wrong.empty()) return refuse(wrong);
  metrics::Catalogue metrics(vocabulary(), {.version = std::string(version()), .revision = std::string(revision())});
  for (std::size_t i = 0; i < Words<metrics::SecretName>::words.size(); ++i) {
    auto const file = settings.secret_files.find(std::string(Words<metrics::SecretName>::words[i]));
    if (file != settings.secret_files.end()) {
      metrics.server.secret_written.at(i).set(file->second.time_since_epoch().count());
    }
  }
  Readiness readiness;
  auto const instance =
      settings.instance ? std::expected<std::string, std::string>(*settings.instance) : directory->instance();
  if (!instance) return refuse(instance.error());
  Tuning tuning({.settings = settings,
                 .instance = *instance,
                 .run_dir = directory->path(),
                 .knobs = knobs,
                 .metrics = metrics,
                 .readiness = readiness});
  OperatorDoor operators(settings, metrics.gateway,
                         {.readiness = readiness,
                          .metrics = metrics,
                          .knobs = knobs,
                          .tuning = tuning,
                          .token = OperatorToken(std::move(*token)),
                          .metrics_need_token = settings.metrics_token,
                          .drain = [&signals] { signals.ask(); }});
  if (auto const opened = operators.open(); !opened) {
    return refuse(door_trouble("--admin-port", settings.admin_port, opened.error()));
  }
  if (auto const written = directory->write_port("admin-port", operators.port()); !written) {
    return refuse(written.error());
  }

  switch (await_database(settings, signals)) {
    case Boot::go_on: readiness.set_postgres(true); break;
    case Boot::refused: return 1;
    case Boot::stopped: return 0;
  }

  std::vector<std::string> keys{*key};
  if (settings.old_secret) keys.push_back(*settings.old_secret);
  TableService service(settings, *redis, std::move(keys), std::move(*systems), readiness, metrics, knobs,
                       tuning.watches());
  if (auto const opened = service.open(); !opened) {
    return refuse(door_trouble("--port", settings.listen_port, opened.error()));
  }
  if (auto const written = directory->write_port("port", service.port()); !written) return refuse(written.error());
  readiness.enter(Phase::ready);
  tuning.start();
  std::cout << "TableForge " << version() << " serves " << url_of(settings.listen_address, service.port())
            << " (admin: " << url_of(settings.admin_address, operators.port()) << ")" << std::endl;

  signals.wait();
  // Both before the line that tells of it: whoever has read that line may rely on them.
  readiness.enter(Phase::draining);
  signals.end_at_once(settings.drain_delay + settings.shutdown_deadline + kShutdownGrace);
  log::info("shutting down", {{"deadline_seconds", settings.shutdown_deadline}});
  // This thread has nothing else to do, and a second signal does not wait for it.
  std::this_thread::sleep_for(settings.drain_delay);
  service.drain(settings.shutdown_deadline);
  // Behind the players, who need not wait for a database that hangs; a trial that is cut off is undone at the start.
  tuning.stop();
  return 0;
}

}  // namespace tableforge::app
