#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "performance/cache/cache_report.hpp"
#include "performance/support/report_files.hpp"

namespace tableforge::test::cache_suite {
namespace {

using Json = nlohmann::json;

constexpr char const *kReports[] = {"cache-hit-and-miss", "cache-query-caching", "cache-concurrent-access",
                                    "cache-memory",       "cache-invalidation",  "cache-table-load"};

/// After all others: what they left, on one page, and how many stale reads there were in all.
TEST(CacheSuite, ServesNothingThatIsOlderThanItsClassAllows) {
  CacheReport report("Caching, all tests", "What the tests of this suite found that is held against a bar.");
  std::size_t found = 0;
  for (std::string const name : kReports) {
    std::ifstream stream(report_folder() / (name + ".json"));
    auto const json = Json::parse(stream, nullptr, false);
    if (!json.is_object()) {
      report.findings.push_back("there is no report " + name);
      continue;
    }
    ++found;
    report.reads_watched += json.at("reads_watched").get<std::uint64_t>();
    report.stale_reads += json.at("stale_reads").get<std::uint64_t>();
    report.findings.push_back(std::string(json.at("title")) + ": " + (json.at("passed") ? "passed" : "failed") + ", " +
                              std::to_string(json.at("stale_reads").get<std::uint64_t>()) + " stale reads of " +
                              std::to_string(json.at("reads_watched").get<std::uint64_t>()) + ", began at " +
                              std::string(json.at("began_at")) + ", " + std::string(json.at("build")) + " build");
    for (auto const &figure : json.at("figures")) {
      if (!figure.contains("bar")) continue;
      bool const at_most = figure.at("bar").contains("at_most");
      report.add({.name = figure.at("name"),
                  .value = figure.at("value").is_number() ? figure.at("value").get<double>() : NAN,
                  .unit = figure.at("unit"),
                  .must = at_most ? Figure::Must::be_at_most : Figure::Must::be_at_least,
                  .bar = figure.at("bar").at(at_most ? "at_most" : "at_least"),
                  // Its own test has failed for it, if that is called for.
                  .kind = Figure::Kind::told});
    }
    for (auto const &recommendation : json.at("recommendations")) report.recommendations.push_back(recommendation);
  }
  if (found == 0) GTEST_SKIP() << "no test of the suite has left a report in " << report_folder();
  report.add({.name = "stale reads beyond their class's bound, over the whole suite",
              .value = static_cast<double>(report.stale_reads),
              .must = Figure::Must::be_at_most,
              .bar = 0,
              .kind = Figure::Kind::right});
  conclude(report, "cache-suite");
}

}  // namespace
}  // namespace tableforge::test::cache_suite
