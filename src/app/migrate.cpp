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

}  // namespace tableforge::app
