#include "performance/load/reports.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace tableforge::test {

void leave_report(load::LoadReport const &report, std::filesystem::path const &folder, std::string const &name) {
  for (auto const &failure : report.failures) std::printf("FAILURE: %s\n", failure.c_str());
  for (auto const &finding : report.findings) std::printf("- %s\n", finding.c_str());
  leave_files(folder, name, load::to_json(report), load::to_html(report));
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
