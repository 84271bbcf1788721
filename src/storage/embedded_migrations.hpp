#pragma once

#include <span>
#include <string_view>

namespace tableforge::storage {

/// One file of deploy/migrations, as the build put it into the binary (embed.cmake).
struct EmbeddedMigration {
  int version;
  std::string_view name;  ///< "0001_journal"
  std::string_view sql;
  /// The oldest version of the schema whose program can serve with this one applied. One that only adds says an earlier
  /// version than its own; one that takes away says its own, once no program that needs it is left to roll back to.
  int served_from;
};

/// All of them, in order; the versions are 1, 2, 3 …
std::span<EmbeddedMigration const> embedded_migrations();

}  // namespace tableforge::storage
