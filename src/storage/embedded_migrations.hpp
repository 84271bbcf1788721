#pragma once

#include <span>
#include <string_view>

namespace tableforge::storage {

/// One file of deploy/migrations, as the build put it into the binary (embed.cmake).
struct EmbeddedMigration {
  int version;
  std::string_view name;  ///< "0001_journal"
  std::string_view sql;
};

/// All of them, in order; the versions are 1, 2, 3 …
std::span<EmbeddedMigration const> embedded_migrations();

}  // namespace tableforge::storage
