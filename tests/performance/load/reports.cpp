#include "performance/load/reports.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tableforge::test {

namespace {

void write(std::filesystem::path const &file, std::string const &text) {
  std::ofstream stream(file);
  stream << text << '\n';
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace

std::filesystem::path report_folder() {
  char const *const folder = std::getenv("TABLEFORGE_PERFORMANCE_DIR");
  return folder != nullptr && *folder != '\0' ? folder : TABLEFORGE_PERFORMANCE_DIR;
}

void leave_report(load::LoadReport const &report, std::filesystem::path const &folder, std::string const &name) {
  std::filesystem::create_directories(folder);
  write(folder / (name + ".json"), load::to_json(report));
  write(folder / (name + ".html"), load::to_html(report));
  for (auto const &failure : report.failures) std::printf("FAILURE: %s\n", failure.c_str());
  for (auto const &finding : report.findings) std::printf("- %s\n", finding.c_str());
  std::printf("report: %s\n", (folder / (name + ".html")).c_str());
  std::fflush(stdout);
}

void append(load::LoadReport &report, load::LoadReport run, std::string const &name) {
  if (report.stages.empty()) {
    report.url = run.url;
    report.seed = run.seed;
    report.began_at = run.began_at;
  }
  double const begin = report.samples.empty() ? 0 : report.samples.back().at_seconds;
  for (load::LoadSample &sample : run.samples) {
    sample.at_seconds += begin;
    report.samples.push_back(std::move(sample));
  }
  std::ranges::move(run.stages, std::back_inserter(report.stages));
  for (auto const &finding : run.findings) report.findings.push_back(name + ": " + finding);
  for (auto const &failure : run.failures) report.failures.push_back(name + ": " + failure);
  report.generator_was_full = report.generator_was_full || run.generator_was_full;
}

}  // namespace tableforge::test
