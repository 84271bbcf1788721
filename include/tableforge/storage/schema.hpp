#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tableforge/base/result.hpp"

namespace tableforge::storage {

struct MigrationReport {
  int version = 0;                   ///< What the schema is at now.
  std::vector<std::string> applied;  ///< By this call, in order: "0002_lobby".
};

/// Brings the schema to what this binary knows, one transaction per migration, under an advisory lock: any number of
/// instances may call this at once, and each migration is applied by one of them.
///
/// Threads: any; blocks, for the lock at most a minute, for a migration as long as it takes.
/// Errors:  conflict for a schema that is newer or foreign, which is left alone; unavailable, timeout and whatever else
/// a
///          migration ends with, which then has left no trace. The log has the server's words.
Result<MigrationReport> migrate(std::string const &url);

enum class SchemaState : std::uint8_t {
  current,
  older,         ///< Or absent: migrate() brings it up.
  newer,         ///< Written by a later version, which says that this one cannot serve it.
  newer_served,  ///< Written by a later version, which says that this one still can.
  unknown,       ///< Its history is not ours.
};

struct SchemaReport {
  SchemaState state = SchemaState::unknown;
  int version = 0;  ///< The newest migration that is applied.
  int known = 0;    ///< The newest one of this binary.
};

/// Threads: any; blocks.
/// Errors:  unavailable, timeout.
Result<SchemaReport> check_schema(std::string const &url);

/// Whether the server can keep what it acknowledges. `fsync = off` is refused (Errc::forbidden) unless allowed by name;
/// what is merely unwise is logged.
///
/// Threads: any; blocks.
/// Errors:  forbidden, unavailable, timeout.
Result<void> check_durability(std::string const &url, bool allow_fsync_off);

}  // namespace tableforge::storage
