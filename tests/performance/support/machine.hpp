#pragma once

#include <string>

namespace tableforge::test {

/// The cores this process may use.
unsigned machine_cores();
/// The last of them: where the generator stays, and nobody else is sent away from.
unsigned generator_core();

/// The process that started this one. Throws if there is no such process.
int parent_of(int process);

/// The first process of the PostgreSQL behind a URL, on this machine.
int postmaster_of(std::string const &database_url);

}  // namespace tableforge::test
