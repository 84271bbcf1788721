#include "app/boot.hpp"

#include <chrono>
#include <expected>
#include <optional>

#include "tableforge/log/log.hpp"
#include "tableforge/storage/schema.hpp"

namespace tableforge::app {

namespace {

/// A machine that starts everything at once has its database up long before this.
constexpr std::chrono::seconds kWaitMax{60};
constexpr std::chrono::milliseconds kDatabaseRound{500};

bool may_pass(Error const &error) { return error.code == Errc::unavailable || error.code == Errc::timeout; }

/// What a database that answers is fit for. Nothing if its schema can be served.
std::optional<Boot> judge(storage::SchemaReport const &schema) {
  switch (schema.state) {
    case storage::SchemaState::current: return std::nullopt;
    case storage::SchemaState::newer_served:
      log::warn("the database's schema is newer than this server, and says that it can be served all the same",
                {{"version", schema.version}, {"known", schema.known}});
      return std::nullopt;
    case storage::SchemaState::older:
      log::error("the database's schema is older than this server: run tableforge migrate first",
                 {{"version", schema.version}, {"needed", schema.known}});
      break;
    case storage::SchemaState::newer:
      log::error("the database's schema is newer than this server: run the version that made it",
                 {{"version", schema.version}, {"known", schema.known}});
      break;
    case storage::SchemaState::unknown:
      log::error("the database's schema is not TableForge's: give it a database of its own");
      break;
  }
  return Boot::refused;
}

/// An error if PostgreSQL did not answer.
Result<Boot> look(config::Settings const &settings) {
  auto const schema = storage::check_schema(settings.database_url);
  if (!schema) return std::unexpected(schema.error());
  if (auto const verdict = judge(*schema)) return *verdict;
  auto const durable = storage::check_durability(settings.database_url, settings.allow_fsync_off);
  if (durable) return Boot::go_on;
  if (may_pass(durable.error())) return std::unexpected(durable.error());
  log::error("PostgreSQL cannot be relied on: set fsync = on, or allow it by --allow-fsync-off",
             {{"why", durable.error()}});
  return Boot::refused;
}

}  // namespace

Boot await_database(config::Settings const &settings, StopSignals &signals) {
  auto const deadline = std::chrono::steady_clock::now() + kWaitMax;
  while (true) {
    auto const outcome = look(settings);
    if (outcome) return *outcome;
    auto const left = std::chrono::duration_cast<std::chrono::seconds>(deadline - std::chrono::steady_clock::now());
    if (!may_pass(outcome.error()) || left.count() <= 0) {
      log::error("PostgreSQL does not answer: start it, or correct --database-url; tableforge doctor tells more",
                 {{"why", outcome.error()}});
      return Boot::refused;
    }
    log::warn("waiting for PostgreSQL", {{"why", outcome.error()}, {"left_seconds", left}});
    if (signals.wait_for(kDatabaseRound)) return Boot::stopped;
  }
}

}  // namespace tableforge::app
