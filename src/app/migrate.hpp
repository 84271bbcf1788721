#pragma once

#include <string>

namespace tableforge::app {

/// Brings the schema up to date and prints what it did. Returns the exit code.
int migrate(std::string const &database_url);

}  // namespace tableforge::app
