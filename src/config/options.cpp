#include "config/options.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "config/read_value.hpp"

namespace tableforge::config {

namespace {

std::string environment_name(std::string_view name) {
  std::string out = "TABLEFORGE_";
  for (char const c : name) out += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

auto text_of(std::string Settings::*member) {
  return [member](Settings &settings, std::string const &text) -> std::optional<std::string> {
    settings.*member = text;
    return std::nullopt;
  };
}

auto optional_of(std::optional<std::string> Settings::*member) {
  return [member](Settings &settings, std::string const &text) -> std::optional<std::string> {
    settings.*member = text;
    return std::nullopt;
  };
}

auto port_of(std::uint16_t Settings::*member) {
  return [member](Settings &settings, std::string const &text) -> std::optional<std::string> {
    auto const port = read_number<std::uint16_t>(text);
    if (!port) return "must be a port between 0 and 65535";
    settings.*member = *port;
    return std::nullopt;
  };
}

auto count_of(unsigned Settings::*member) {
  return [member](Settings &settings, std::string const &text) -> std::optional<std::string> {
    auto const count = read_number<unsigned>(text);
    if (!count) return "must be a whole number";
    settings.*member = *count;
    return std::nullopt;
  };
}

auto duration_of(std::chrono::milliseconds Settings::*member) {
  return [member](Settings &settings, std::string const &text) -> std::optional<std::string> {
    auto const duration = read_duration(text);
    if (!duration) return "must be a number with its unit: 500ms, 20s, 5m";
    settings.*member = *duration;
    return std::nullopt;
  };
}

/// What stands between commas.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto const end = std::min(text.find(',', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

struct SecretFile {
  std::string text;  ///< Without the newlines at its end, which editors add.
  std::chrono::sys_seconds written;
};

std::optional<SecretFile> read_secret_file(std::string const &path) {
  // Of a file that grows without end, such as a device, no more is wanted.
  constexpr std::size_t kBytesMax = 64 * 1024;
  std::error_code code;
  auto const written = std::filesystem::last_write_time(path, code);
  if (code || !std::filesystem::is_regular_file(path, code) || std::filesystem::file_size(path, code) > kBytesMax) {
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return std::nullopt;
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  auto const since = std::chrono::file_clock::to_sys(written);
  return SecretFile{.text = std::move(text), .written = std::chrono::floor<std::chrono::seconds>(since)};
}

/// "name=value,name=value"; whether there are such knobs, and what they take, is the knobs' own affair.
std::optional<std::string> read_knobs(std::string_view text, std::map<std::string, double> &knobs) {
  knobs.clear();
  for (std::string const &each : words_of(text)) {
    auto const equals = each.find('=');
    auto const value =
        equals == std::string::npos ? std::nullopt : read_decimal(std::string_view(each).substr(equals + 1));
    if (equals == 0 || !value) return "must be NAME=VALUE with a number, or several with commas";
    knobs[each.substr(0, equals)] = *value;
  }
  return std::nullopt;
}

}  // namespace

struct Options::Entry {
  std::string name;
  CLI::Option *option;
  Store store;
  bool list = false;  ///< Given several times, it is one list with commas; else the last one counts.

  [[nodiscard]] std::string given() const {
    auto const &results = option->results();
    if (!list) return results.back();
    std::string all;
    for (auto const &each : results) all += (all.empty() ? "" : ",") + each;
    return all;
  }
};

Options::Options(CLI::App &app) : app_(app) {
  // Unknown flags are reported beside everything else; CLI11 would stop at them.
  app.allow_extras();
  Settings const initial = default_settings();
  file_ = app.add_option(
      "--config", [](CLI::results_t const &) { return true; },
      "A TOML file with any of these settings, without the dashes.");
  file_->type_name("FILE")->envname("TABLEFORGE_CONFIG")->take_last();

  add(app, "listen-address", "IP", initial.listen_address, "Where players connect.",
      text_of(&Settings::listen_address));
  add(app, "port", "PORT", std::to_string(initial.listen_port), "Where players connect; 0 takes any free port.",
      port_of(&Settings::listen_port));
  add(app, "admin-address", "IP", initial.admin_address,
      "Where operators are served: /healthz, /readyz, /metrics and /admin.", text_of(&Settings::admin_address));
  add(app, "admin-port", "PORT", std::to_string(initial.admin_port), "The same; 0 takes any free port.",
      port_of(&Settings::admin_port));
  add_secret(app, "admin-token", "TEXT", "",
             "What operators show to use /admin. Prefer a file, as for --secret. Without one, a token is made and kept "
             "in the run directory.",
             optional_of(&Settings::admin_token));
  add_switch(app, "metrics-token", "Let /metrics too be read only with the operators' token; probes never need it.",
             &Settings::metrics_token);
  add_secret(app, "database-url", "URL", "", "PostgreSQL, which holds the truth. Required.",
             text_of(&Settings::database_url));
  add_secret(app, "redis-url", "URL", initial.redis_url, "Redis, which makes it near; \"none\" goes without.",
             text_of(&Settings::redis_url));
  add(app, "cache-namespace", "NAME", initial.cache_namespace,
      "What keys in Redis begin with: one for each database. Another one after a database was set back.",
      text_of(&Settings::cache_namespace));
  add_secret(
      app, "secret", "TEXT", "",
      "Signs players' tokens, the same on every instance. Flags are visible to other users of the machine: prefer "
      "a file or the variable. Without one, a key is made and kept in the run directory.",
      optional_of(&Settings::secret));
  add_secret(app, "old-secret", "TEXT", "",
             "The secret before this one: tokens that it signed are still accepted. Leave it out once they have "
             "expired, which is after 30 days.",
             optional_of(&Settings::old_secret));
  add(app, "allowed-origins", "ORIGIN,…", "",
      "Of the pages that may open a table's socket in a browser: https://play.example.org. Without any, all may.",
      [](Settings &settings, std::string const &text) -> std::optional<std::string> {
        settings.allowed_origins = words_of(text);
        return std::nullopt;
      });
  entries_.back()->list = true;
  entries_.back()->option->take_all();
  add(app, "trusted-proxies", "CIDR,…", "",
      "Balancers in front of this server: 10.0.0.0/8, fd00::/8, 192.0.2.7. Of a request that comes from one of them "
      "the "
      "client is the right-most address in X-Forwarded-For that is not trusted.",
      [](Settings &settings, std::string const &text) -> std::optional<std::string> {
        settings.trusted_proxies = words_of(text);
        return std::nullopt;
      });
  entries_.back()->list = true;
  entries_.back()->option->take_all();
  add_switch(app, "proxy-protocol",
             "Players' connections begin with a PROXY header (version 1 or 2), and come from --trusted-proxies only.",
             &Settings::proxy_protocol);
  add(app, "address-connections-max", "N", "0",
      "Connections of one address, of IPv6 of one /64; 0 has no limit. Many people may share an address.",
      count_of(&Settings::address_connections_max));
  add(app, "address-requests-per-second", "N", "0",
      "Requests of one address, five seconds' worth of them at once; 0 has no limit.",
      count_of(&Settings::address_requests_per_second));
  add(app, "address-upgrades-per-second", "N", "0", "The same for sockets that are opened.",
      count_of(&Settings::address_upgrades_per_second));
  add(app, "run-dir", "DIR", initial.run_dir, "Where the server keeps what it makes for itself.",
      text_of(&Settings::run_dir));
  add(app, "io-threads", "N", std::to_string(initial.io_threads), "Threads that serve sockets and tables.",
      count_of(&Settings::io_threads));
  add(app, "journal-writers", "N", std::to_string(initial.journal_writers), "Threads that commit actions.",
      count_of(&Settings::journal_writers));
  add(app, "reader-threads", "N", std::to_string(initial.reader_threads), "Threads that read from PostgreSQL.",
      count_of(&Settings::reader_threads));
  add(app, "knob", "NAME=VALUE", "",
      "Starts with another value of a live number, one of those that /metrics shows as tableforge_knob; may be given "
      "several times, or with commas.",
      [](Settings &settings, std::string const &text) { return read_knobs(text, settings.knobs); });
  entries_.back()->list = true;
  entries_.back()->option->take_all();
  add(app, "tuner", "MODE", initial.tuner,
      "How far the tuner may go: off, observe, dry-run, canary (tries on a sixteenth and takes it back) or auto (keeps "
      "what is shown to be better).",
      text_of(&Settings::tuner));
  add(app, "tuner-cache-schedule", "CRON", initial.tuner_cache_schedule,
      "When the cache is looked at: five fields of cron in UTC, or \"off\" for only when an operator says so.",
      text_of(&Settings::tuner_cache_schedule));
  add(app, "tuner-database-schedule", "CRON", initial.tuner_database_schedule, "The same for the database.",
      text_of(&Settings::tuner_database_schedule));
  add(app, "tuner-websocket-schedule", "CRON", initial.tuner_websocket_schedule, "The same for the WebSocket gateway.",
      text_of(&Settings::tuner_websocket_schedule));
  add(app, "tuner-memory-schedule", "CRON", initial.tuner_memory_schedule, "The same for memory.",
      text_of(&Settings::tuner_memory_schedule));
  add(app, "tuner-block", "DURATION", "1m",
      "The tuner's minute: the shortest block of a trial, and a stretch of evidence. Shorter only to try the tuner "
      "itself.",
      duration_of(&Settings::tuner_block));
  add(app, "tuner-weight", "NAME=VALUE", "",
      "Another price in what the tuner saves, in milliseconds of CPU: cpu_ms, db_ms, stale_read, slo_excess_ms, "
      "held_mib_s; may be given several times, or with commas.",
      [](Settings &settings, std::string const &text) { return read_knobs(text, settings.tuner_weights); });
  entries_.back()->list = true;
  entries_.back()->option->take_all();
  add(app, "instance", "NAME", "",
      "Whose the tuner's record is: this process's and that of the next one in its place. Without one, a name is made "
      "and kept in the run directory.",
      [](Settings &settings, std::string const &text) -> std::optional<std::string> {
        settings.instance = text;
        return std::nullopt;
      });
  add(app, "log-level", "LEVEL", initial.log_level, "debug, info, warn or error.", text_of(&Settings::log_level));
  add_switch(app, "log-json", "One JSON object per line instead of text.", &Settings::log_json);
  add_switch(app, "allow-fsync-off", "Serve although PostgreSQL runs with fsync = off and may lose what players saw.",
             &Settings::allow_fsync_off);
  add(app, "drain-delay", "DURATION", "0s",
      "How long a server that shuts down says that it is not ready and goes on serving, new connections too: as long "
      "as "
      "the balancer takes to notice.",
      duration_of(&Settings::drain_delay));
  add(app, "shutdown-deadline", "DURATION", "20s", "How long a shutdown may take after that: 500ms, 20s, 5m.",
      duration_of(&Settings::shutdown_deadline));
}

Options::~Options() = default;

void Options::add(CLI::App &app, std::string name, std::string placeholder, std::string initial, std::string help,
                  Store store) {
  auto *const option = app.add_option("--" + name, [](CLI::results_t const &) { return true; }, std::move(help));
  option->type_name(std::move(placeholder))->envname(environment_name(name))->take_last();
  if (!initial.empty()) option->default_str(std::move(initial));
  entries_.push_back(std::make_unique<Entry>(std::move(name), option, std::move(store)));
}

void Options::add_secret(CLI::App &app, std::string const &name, std::string placeholder, std::string initial,
                         std::string help, Store store) {
  auto const from_file = [name, store](Settings &settings, std::string const &path) -> std::optional<std::string> {
    auto const file = read_secret_file(path);
    if (!file) return "names no file that can be read";
    // An optional secret is left out by leaving its file empty, where what names the file cannot be changed as easily.
    if (file->text.empty()) return std::nullopt;
    settings.secret_files[name] = file->written;
    return store(settings, file->text);
  };
  add(app, name + "-file", "FILE", "", "The file that --" + name + " stands in, alone.", from_file);
  add(app, name, std::move(placeholder), std::move(initial), std::move(help), std::move(store));
}

void Options::add_switch(CLI::App &app, std::string name, std::string const &help, bool Settings::*member) {
  auto *const option = app.add_flag("--" + name, help)->envname(environment_name(name))->take_last();
  auto const store = [member](Settings &settings, std::string const &text) -> std::optional<std::string> {
    auto const value = read_switch(text);
    if (!value) return "must be true or false";
    settings.*member = *value;
    return std::nullopt;
  };
  entries_.push_back(std::make_unique<Entry>(std::move(name), option, store));
}

Options::Taken Options::take() const {
  Taken taken{.settings = default_settings(), .errors = {}};
  for (std::string const &extra : app_.remaining()) {
    // A value may follow an unknown flag, and may be a secret behind a mistyped --secret: only flags are repeated.
    if (extra.starts_with("-")) {
      taken.errors.push_back(extra.substr(0, extra.find('=')) + ": there is no such flag");
    }
  }
  if (!file_->results().empty()) read_file(taken, file_->results().back());
  for (auto const &entry : entries_) {
    if (entry->option->results().empty()) continue;
    auto const wrong = entry->store(taken.settings, entry->given());
    if (wrong) taken.errors.push_back("--" + entry->name + ": " + *wrong);
  }
  std::vector<std::string> const invalid = validate(taken.settings);
  taken.errors.insert(taken.errors.end(), invalid.begin(), invalid.end());
  return taken;
}

void Options::read_file(Taken &taken, std::string const &path) const {
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_file(path);
  } catch (CLI::Error const &error) {
    taken.errors.push_back("--config: " + std::string(error.what()));
    return;
  }
  for (CLI::ConfigItem const &item : items) {
    // How CLI11 marks where a section begins and ends; what stands in one is refused below by its full name.
    if (item.name == "++" || item.name == "--") continue;
    auto const entry = std::ranges::find_if(entries_, [&](auto const &one) { return one->name == item.fullname(); });
    if (entry == entries_.end()) {
      taken.errors.push_back("--config: there is no setting \"" + item.fullname() + "\"");
      continue;
    }
    // What the file says is then replaced by a flag or the environment; a mistake in it is told all the same.
    if (item.inputs.size() != 1) {
      taken.errors.push_back("--config: \"" + item.fullname() + "\" takes one value");
      continue;
    }
    auto const wrong = (*entry)->store(taken.settings, item.inputs.front());
    if (wrong) taken.errors.push_back("--config: \"" + item.fullname() + "\" " + *wrong);
  }
}

}  // namespace tableforge::config
