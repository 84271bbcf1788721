#include "app/migrate.hpp"

#include <iostream>

#include "tableforge/storage/schema.hpp"

namespace tableforge::app {

int migrate(std::string const &database_url) {
  auto const report = storage::migrate(database_url);
  if (!report) {
    std::cerr << "tableforge: the schema was not migrated: " << report.error().text << '\n';
    return 1;
  }
  for (auto const &name : report->applied) std::cout << "applied " << name << '\n';
  if (report->applied.empty()) std::cout << "nothing to do\n";
  std::cout << "the schema is at version " << report->version << '\n';
  return 0;
}

int check_migration(std::string const &database_url) {
  constexpr int kSomethingToDo = 3;
  constexpr int kCannotServe = 4;
  auto const schema = storage::check_schema(database_url);
  if (!schema) {
    std::cerr << "tableforge: the schema cannot be told: " << schema.error().text << '\n';
    return 1;
  }
  std::cout << "the schema is at version " << schema->version << " of " << schema->known << " known here: ";
  switch (schema->state) {
    case storage::SchemaState::current: std::cout << "nothing to do\n"; return 0;
    case storage::SchemaState::newer_served: std::cout << "newer, and served all the same\n"; return 0;
    case storage::SchemaState::older: std::cout << "run tableforge migrate\n"; return kSomethingToDo;
    case storage::SchemaState::newer: std::cout << "too new for this program\n"; return kCannotServe;
    case storage::SchemaState::unknown: std::cout << "its history is not this program's\n"; return kCannotServe;
  }
  return kCannotServe;
}

}  // namespace tableforge::app
