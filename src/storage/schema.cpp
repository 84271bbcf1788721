#include "tableforge/storage/schema.hpp"

#include <span>
#include <string_view>

#include "tableforge/log/log.hpp"

#include "storage/boot_session.hpp"
#include "storage/embedded_migrations.hpp"

namespace tableforge::storage {

namespace {

constexpr std::chrono::milliseconds kCheckTimeout{10'000};
/// No migration is ended halfway because it is slow: a new index over years of games takes what it takes.
constexpr std::chrono::milliseconds kMigrationTimeout = std::chrono::hours(24);

// Any number will do, as long as every version of the program locks the same.
constexpr Statement kLockMigrations{"migration_lock", "select pg_advisory_xact_lock(7020115611)"};
constexpr char const *kCreateVersions =
    "create table if not exists schema_version ("
    " version int primary key, name text not null, applied_at timestamptz not null default now())";
constexpr Statement kVersionsExist{"schema_version_exists", "select to_regclass('schema_version') is not null"};
// Schemas of before this column have no newer version that could tell anything by it.
constexpr char const *kAddServedFrom =
    "alter table schema_version add column if not exists served_from int not null default 2147483647";
constexpr Statement kTellsServedFrom{
    "schema_version_served_from",
    "select exists (select from pg_attribute where attrelid = to_regclass('schema_version')"
    " and attname = 'served_from' and not attisdropped)"};
constexpr Statement kVersions{"schema_version_all",
                              "select version, name, 2147483647 from schema_version order by version"};
constexpr Statement kVersionsServed{"schema_version_all_served",
                                    "select version, name, served_from from schema_version order by version"};
constexpr Statement kApplied{"schema_version_add",
                             "insert into schema_version (version, name, served_from) values ($1, $2, $3)"};

/// Throws.
SchemaReport compare(Connection &session) {
  std::span<EmbeddedMigration const> const ours = embedded_migrations();
  SchemaReport report{SchemaState::older, 0, static_cast<int>(ours.size())};
  if (!session.run(kVersionsExist)[0][0].as<bool>()) return report;
  std::size_t matching = 0;
  bool served = true;
  bool const tells = session.run(kTellsServedFrom)[0][0].as<bool>();
  for (auto const &row : session.run(tells ? kVersionsServed : kVersions)) {
    report.version = row[0].as<int>();
    if (matching < ours.size() && ours[matching].version == report.version && ours[matching].name == row[1].c_str()) {
      ++matching;
    } else if (report.version <= report.known) {
      // A number of ours under a name that is not, or one left out.
      report.state = SchemaState::unknown;
      return report;
    } else {
      served = served && row[2].as<int>() <= report.known;
    }
  }
  if (report.version > report.known) {
    // Only if none of ours is missing: what later migrations build on is there then.
    report.state = served && matching == ours.size() ? SchemaState::newer_served : SchemaState::newer;
  } else if (matching == ours.size()) {
    report.state = SchemaState::current;
  }
  return report;
}

/// Applies the next migration that is missing, if any, and tells which.
Result<std::string_view> apply_next(Connection &session, MigrationReport &report) {
  return session.atomically([&]() -> Result<std::string_view> {
    session.run(kLockMigrations);
    session.run_sql(kCreateVersions);
    session.run_sql(kAddServedFrom);
    SchemaReport const found = compare(session);
    report.version = found.version;
    if (found.state == SchemaState::newer_served) return std::string_view();
    if (found.state == SchemaState::newer) return fail(Errc::conflict, "the schema is newer than this program");
    if (found.state == SchemaState::unknown) return fail(Errc::conflict, "the schema's history is not this program's");
    if (found.state == SchemaState::current) return std::string_view();
    EmbeddedMigration const &next = embedded_migrations()[static_cast<std::size_t>(found.version)];
    session.run_sql(std::string(next.sql));
    session.run(kApplied, {std::to_string(next.version), std::string(next.name), std::to_string(next.served_from)});
    report.version = next.version;
    return next.name;
  });
}

}  // namespace

Result<MigrationReport> migrate(std::string const &url) {
  return with_session(url, kMigrationTimeout, "migrate", [](Connection &session) -> Result<MigrationReport> {
    // For the advisory lock and for tables that are in use.
    session.run_sql("set lock_timeout = 60000");
    MigrationReport report;
    while (true) {
      Result<std::string_view> const applied = apply_next(session, report);
      if (!applied) return std::unexpected(applied.error());
      if (applied->empty()) return report;
      log::info("a migration was applied", {{"migration", *applied}});
      report.applied.emplace_back(*applied);
    }
  });
}

Result<SchemaReport> check_schema(std::string const &url) {
  return with_session(url, kCheckTimeout, "check_schema",
                      [](Connection &session) -> Result<SchemaReport> { return compare(session); });
}

}  // namespace tableforge::storage
