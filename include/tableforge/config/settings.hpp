#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tableforge::config {

/// What is decided when the server starts and needs a restart to change.
///
/// Every value comes from a flag, else from the environment (`TABLEFORGE_` and the flag's name in capitals), else from
/// the file given by `--config`, else from here.
struct Settings {
  std::string listen_address = "127.0.0.1";
  std::uint16_t listen_port = 8080;  ///< 0 = any free one.
  std::string admin_address = "127.0.0.1";
  std::uint16_t admin_port = 9090;  ///< 0 = any free one.
  /// What operators show to change something; without one a token is kept in run_dir.
  std::optional<std::string> admin_token;
  bool metrics_token = false;  ///< Whether /metrics takes that token too.

  std::string database_url;
  std::string redis_url = "none";              ///< redis:// or unix:// URL, or "none".
  std::string cache_namespace = "tableforge";  ///< Of this deployment, among those that share a Redis.
  std::optional<std::string> secret;           ///< Signs tokens; without one a key is kept in run_dir.
  std::optional<std::string> old_secret;       ///< Signed tokens that are still to be accepted.
  std::vector<std::string> allowed_origins;    ///< Of pages that may open sockets; none: of all.
  std::vector<std::string> trusted_proxies;    ///< Addresses and blocks of them.
  bool proxy_protocol = false;
  unsigned address_connections_max = 0;  ///< 0 = no limit, here and below.
  unsigned address_requests_per_second = 0;
  unsigned address_upgrades_per_second = 0;
  std::string run_dir = ".run";

  unsigned io_threads = 1;  ///< default_settings() takes as many as the machine has cores.
  unsigned journal_writers = 2;
  unsigned reader_threads = 4;

  std::map<std::string, double> knobs;  ///< Other than their initial values, by name.

  std::string tuner = "observe";                      ///< How far the tuner may go; the words are its own.
  std::string tuner_cache_schedule = "*/15 * * * *";  ///< Cron in UTC, or "off": only when an operator says so.
  std::string tuner_database_schedule = "0 * * * *";
  std::string tuner_websocket_schedule = "*/30 * * * *";
  std::string tuner_memory_schedule = "0 */4 * * *";
  std::chrono::milliseconds tuner_block{60'000};  ///< The shortest block of a trial, and a stretch of evidence.
  std::map<std::string, double> tuner_weights;    ///< Other prices than the tuner's own, by name.
  std::optional<std::string> instance;            ///< Of this process; without one a name is kept in run_dir.

  /// When the files were written that secrets came from, by the name of the secret's flag.
  std::map<std::string, std::chrono::sys_seconds> secret_files;

  std::string log_level = "info";
  bool log_json = false;
  bool allow_fsync_off = false;
  std::chrono::milliseconds drain_delay{0};  ///< From not being ready to the first goodbye.
  std::chrono::milliseconds shutdown_deadline{20'000};
};

/// The defaults on this machine.
[[nodiscard]] Settings default_settings();

/// Everything that is wrong with the settings, each a sentence that names the flag; empty if nothing is. Pure.
///
/// No sentence repeats a URL or the secret, because they end up in logs.
[[nodiscard]] std::vector<std::string> validate(Settings const &settings);

}  // namespace tableforge::config
