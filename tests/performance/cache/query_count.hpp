#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tableforge::test {

/// How often PostgreSQL itself says that it was asked: pg_stat_statements' calls of a database.
///
/// Counts what asks for things, for the lobby's list, for events, for rows behind a state and for snapshots. What every
/// instance asks once a second, whether anything was read or not, is left out, and so is what changes something.
///
/// Threads: one; blocks.
/// Errors:  throws, also where PostgreSQL has no such extension.
class QueryCount {
 public:
  explicit QueryCount(std::string const &database_url);
  ~QueryCount();

  /// Since the database was made.
  [[nodiscard]] std::uint64_t reads();

 private:
  struct Session;
  std::unique_ptr<Session> session_;
  std::string database_;
};

}  // namespace tableforge::test
