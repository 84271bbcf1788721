#include "tableforge/config/settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <thread>

#include <arpa/inet.h>

#include "config/read_value.hpp"

namespace tableforge::config {

namespace {

using namespace std::chrono_literals;

/// RFC 7518 asks of a key for HS256 at least as many bits as the hash has.
constexpr std::size_t kSecretBytesMin = 32;
constexpr unsigned kIoThreadsMax = 1'024;
/// Two writers already carry 95,000 rows a second; many more only wait for each other inside PostgreSQL.
constexpr unsigned kJournalWritersMax = 64;
constexpr unsigned kReaderThreadsMax = 256;
constexpr auto kShutdownDeadlineMin = 100ms;
constexpr auto kShutdownDeadlineMax = 600'000ms;
constexpr auto kDrainDelayMax = 300'000ms;
constexpr auto kTunerBlockMin = 100ms;
constexpr auto kTunerBlockMax = 3'600'000ms;
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warn", "error"};

bool is_ip(std::string const &text) {
  in6_addr buffer{};
  return ::inet_pton(AF_INET, text.c_str(), &buffer) == 1 || ::inet_pton(AF_INET6, text.c_str(), &buffer) == 1;
}

bool is_database_url(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://") ||
         // libpq's other form: host=/run/postgresql dbname=tableforge.
         text.find('=') != std::string_view::npos;
}

bool is_redis_url(std::string_view text) {
  return text == "none" || text.starts_with("redis://") || text.starts_with("unix://");
}

/// It becomes a part of keys, in which colons and braces have a meaning.
bool is_namespace(std::string_view text) {
  constexpr std::size_t kBytesMax = 64;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !text.empty() && text.size() <= kBytesMax && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// As browsers write it (RFC 6454, section 6.2), which is what it is compared with: in lower case, without a slash.
bool is_origin(std::string_view text) {
  auto const scheme = text.starts_with("https://") ? 8U : text.starts_with("http://") ? 7U : 0U;
  auto const host = text.substr(scheme);
  auto const strange = [](char c) { return c <= ' ' || c == '/' || c == '*' || (c >= 'A' && c <= 'Z') || c == '\x7f'; };
  return scheme > 0 && !host.empty() && std::ranges::none_of(host, strange);
}

/// "10.0.0.0/8", or an address alone.
bool is_block(std::string const &text) {
  auto const slash = text.find('/');
  auto const address = text.substr(0, slash);
  if (!is_ip(address)) return false;
  if (slash == std::string::npos) return true;
  auto const bits = read_number<unsigned>(std::string_view(text).substr(slash + 1));
  return bits && *bits <= (address.contains(':') ? 128U : 32U);
}

class Errors {
 public:
  void unless(bool holds, std::string_view sentence) {
    if (!holds) list_.emplace_back(sentence);
  }
  void unless_within(std::string_view flag, unsigned value, unsigned min, unsigned max) {
    if (value >= min && value <= max) return;
    list_.push_back(std::string(flag) + ": must lie between " + std::to_string(min) + " and " + std::to_string(max) +
                    ", not " + std::to_string(value));
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

}  // namespace

Settings default_settings() {
  Settings settings;
  settings.io_threads = std::clamp(std::thread::hardware_concurrency(), 1u, kIoThreadsMax);
  return settings;
}

std::vector<std::string> validate(Settings const &settings) {
  Errors errors;
  errors.unless(is_ip(settings.listen_address), "--listen-address: must be an IPv4 or IPv6 address");
  errors.unless(is_ip(settings.admin_address), "--admin-address: must be an IPv4 or IPv6 address");
  bool const same_door = settings.listen_port != 0 && settings.listen_port == settings.admin_port &&
                         settings.listen_address == settings.admin_address;
  errors.unless(!same_door, "--admin-port: must differ from --port on the same address");
  if (settings.database_url.empty()) {
    errors.unless(false, "--database-url: is required");
  } else {
    errors.unless(is_database_url(settings.database_url),
                  "--database-url: must be a postgresql:// URL or libpq's key=value form");
  }
  errors.unless(is_redis_url(settings.redis_url), "--redis-url: must begin with redis:// or unix://, or be \"none\"");
  errors.unless(is_namespace(settings.cache_namespace),
                "--cache-namespace: must have 1 to 64 letters, digits, dots, dashes or underscores");
  errors.unless(!settings.secret || settings.secret->size() >= kSecretBytesMin,
                "--secret: must have at least 32 bytes");
  errors.unless(!settings.old_secret || settings.secret, "--old-secret: needs a --secret that has taken its place");
  errors.unless(!settings.old_secret || settings.old_secret->size() >= kSecretBytesMin,
                "--old-secret: must have at least 32 bytes");
  errors.unless(
      std::ranges::all_of(settings.allowed_origins, is_origin),
      "--allowed-origins: must be https://host or http://host:port, without a path, with commas between them");
  errors.unless(std::ranges::all_of(settings.trusted_proxies, is_block),
                "--trusted-proxies: must be IP addresses or blocks of them (10.0.0.0/8), with commas between them");
  errors.unless(!settings.proxy_protocol || !settings.trusted_proxies.empty(),
                "--proxy-protocol: needs the --trusted-proxies that speak it");
  errors.unless(!settings.admin_token || settings.admin_token->size() >= kSecretBytesMin,
                "--admin-token: must have at least 32 bytes");
  errors.unless(!settings.run_dir.empty(), "--run-dir: must not be empty");
  errors.unless_within("--io-threads", settings.io_threads, 1, kIoThreadsMax);
  errors.unless_within("--journal-writers", settings.journal_writers, 1, kJournalWritersMax);
  errors.unless_within("--reader-threads", settings.reader_threads, 1, kReaderThreadsMax);
  errors.unless(settings.tuner_block >= kTunerBlockMin && settings.tuner_block <= kTunerBlockMax,
                "--tuner-block: must lie between 100ms and 60m");
  errors.unless(!settings.instance || is_namespace(*settings.instance),
                "--instance: must have 1 to 64 letters, digits, dots, dashes or underscores");
  errors.unless(std::ranges::find(kLogLevels, settings.log_level) != kLogLevels.end(),
                "--log-level: must be debug, info, warn or error");
  errors.unless(settings.drain_delay >= 0ms && settings.drain_delay <= kDrainDelayMax,
                "--drain-delay: must lie between 0s and 5m");
  errors.unless(
      settings.shutdown_deadline >= kShutdownDeadlineMin && settings.shutdown_deadline <= kShutdownDeadlineMax,
      "--shutdown-deadline: must lie between 100ms and 10m");
  return errors.take();
}

}  // namespace tableforge::config
