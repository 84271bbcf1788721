#pragma once

#include <string>

namespace tableforge::app {

/// Brings the schema up to date and prints what it did. Returns the exit code.
int migrate(std::string const &database_url);

/// Changes nothing, and prints what migrate() would find. Returns 0 if there is nothing to do, 3 if there is something,
/// 4 if this program cannot serve the schema and cannot bring it there, 1 if the database does not answer.
int check_migration(std::string const &database_url);

}  // namespace tableforge::app
