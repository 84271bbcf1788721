#include "app/doctor.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <iostream>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <unistd.h>

#include "tableforge/redis/client.hpp"
#include "tableforge/runtime/shards.hpp"
#include "tableforge/runtime/timer.hpp"
#include "tableforge/storage/schema.hpp"

#include "app/game_systems.hpp"
#include "app/open_files.hpp"

namespace tableforge::app {

namespace {

namespace asio = boost::asio;

/// Below this a few hundred players exhaust the descriptors.
constexpr std::uint64_t kOpenFilesWanted = 4'096;
constexpr std::chrono::seconds kRedisLimit{3};

/// The list as it is printed; remembers whether anything was broken.
class Findings {
 public:
  void good(std::string_view what, std::string_view verdict) { print("ok", what, verdict, {}); }
  void unwise(std::string_view what, std::string_view verdict, std::string_view advice) {
    print("unwise", what, verdict, advice);
  }
  void broken(std::string_view what, std::string_view verdict, std::string_view advice) {
    broken_ = true;
    print("BROKEN", what, verdict, advice);
  }
  [[nodiscard]] bool any_broken() const { return broken_; }

 private:
  static void print(std::string_view mark, std::string_view what, std::string_view verdict, std::string_view advice) {
    std::string line(mark);
    line.resize(8, ' ');
    line += what;
    line.resize(22, ' ');
    line += verdict;
    std::cout << line << '\n';
    if (!advice.empty()) std::cout << std::string(22, ' ') << "-> " << advice << '\n';
  }

  bool broken_ = false;
};

void look_at_settings(Findings &findings, std::vector<std::string> const &errors) {
  for (auto const &error : errors) findings.broken("settings", error, "see tableforge serve --help");
  if (errors.empty()) findings.good("settings", "make sense");
}

void look_at_schema(Findings &findings, storage::SchemaReport const &schema) {
  auto const versions =
      "version " + std::to_string(schema.version) + " of " + std::to_string(schema.known) + " known here";
  switch (schema.state) {
    case storage::SchemaState::current: return findings.good("schema", versions);
    case storage::SchemaState::newer_served:
      return findings.unwise("schema", versions, "a later tableforge was here and says that this one can go on");
    case storage::SchemaState::older:
      return findings.broken("schema", versions, "run tableforge migrate --database-url URL");
    case storage::SchemaState::newer:
      return findings.broken("schema", versions, "a later tableforge was here: run that version, or restore a backup");
    case storage::SchemaState::unknown:
      return findings.broken("schema", "its history is not TableForge's", "give TableForge a database of its own");
  }
}

void look_at_database(Findings &findings, config::Settings const &settings) {
  auto const schema = storage::check_schema(settings.database_url);
  if (!schema) {
    findings.broken("postgresql", schema.error().text,
                    "is it running, and are host, user and password of --database-url right? The log line above has "
                    "its words");
    return;
  }
  findings.good("postgresql", "answers");
  look_at_schema(findings, *schema);
  auto const durable = storage::check_durability(settings.database_url, settings.allow_fsync_off);
  if (durable) {
    findings.good("durability", "what is committed survives a crash");
  } else if (durable.error().code == Errc::forbidden) {
    findings.broken("durability", durable.error().text, "set fsync = on; --allow-fsync-off serves all the same");
  } else {
    findings.broken("durability", durable.error().text, "try again when PostgreSQL answers");
  }
}

asio::awaitable<bool> redis_answers(redis::Client &client) {
  constexpr std::chrono::milliseconds kRound{20};
  auto const deadline = std::chrono::steady_clock::now() + kRedisLimit;
  client.start();
  while (client.health() != redis::Health::up && std::chrono::steady_clock::now() < deadline) {
    co_await runtime::sleep_for(kRound);
  }
  bool const up = client.health() == redis::Health::up;
  co_await client.close();
  co_return up;
}

void look_at_redis(Findings &findings, std::string const &url) {
  if (url == "none") return findings.good("redis", "is not used");
  auto const address = redis::parse_url(url);
  if (!address) return findings.broken("redis", address.error().text, "see --redis-url");
  metrics::RuntimeMetrics runtime_metrics;
  metrics::RedisMetrics redis_metrics;
  runtime::Shards shards(1, runtime_metrics);
  redis::Client client(shards[0], {.address = *address}, redis_metrics);
  shards.start();
  bool const up = asio::co_spawn(shards[0].executor(), redis_answers(client), asio::use_future).get();
  shards.stop();
  shards.join();
  shards[0].adopt_this_thread();
  if (up) return findings.good("redis", "answers");
  findings.unwise("redis", "does not answer", "TableForge serves without it, only slower; is it running?");
}

void look_at_descriptors(Findings &findings) {
  auto const files = open_files();
  auto const verdict = std::to_string(files.hard) + " files may be open";
  if (files.hard >= kOpenFilesWanted) return findings.good("descriptors", verdict);
  findings.unwise("descriptors", verdict, "each player takes one: raise the hard limit (ulimit -Hn, LimitNOFILE=)");
}

void look_at_run_directory(Findings &findings, std::string const &path) {
  std::error_code code;
  // What does not exist yet is made at the start, if the nearest directory that does exist allows it.
  auto place = std::filesystem::absolute(path, code);
  while (!std::filesystem::exists(place, code) && place.has_relative_path()) place = place.parent_path();
  if (::access(place.c_str(), W_OK | X_OK) == 0) return findings.good("run directory", path);
  findings.broken("run directory", path + " cannot be written", "choose another one with --run-dir");
}

void look_at_systems(Findings &findings) {
  auto const systems = load_game_systems();
  if (!systems) return findings.broken("game systems", systems.error(), "this binary is damaged: build it again");
  findings.good("game systems", std::to_string(systems->size()) + " can be played");
}

}  // namespace

int doctor(config::Settings const &settings, std::vector<std::string> const &errors) {
  Findings findings;
  look_at_settings(findings, errors);
  if (!settings.database_url.empty()) look_at_database(findings, settings);
  look_at_redis(findings, settings.redis_url);
  look_at_descriptors(findings);
  look_at_run_directory(findings, settings.run_dir);
  look_at_systems(findings);
  return findings.any_broken() ? 1 : 0;
}

}  // namespace tableforge::app
