#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "load/bottleneck.hpp"
#include "load/quantity.hpp"
#include "performance/load/judgement.hpp"
#include "performance/load/measured_server.hpp"
#include "performance/load/reports.hpp"
#include "performance/support/machine.hpp"

namespace tableforge::test::progressive_load {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPlayers = 5;  // At a table, so that every step is whole tables.
constexpr std::size_t kSteps[] = {10, 100, 300, 1'000, 3'000, 10'000};
// A message a second from everybody is a lively table. Below this in all, quantiles would be of a handful.
constexpr double kRateMin = 200;
constexpr auto kStep = 6s;

// Bars, each a ratio within the run and far from what a healthy server shows, for the machine is never quiet.
constexpr double kRefusedShareMax = 0.01;
constexpr double kCpuGrowthMax = 4;     // CPU per delivery, of the largest step to the best.
constexpr double kMemoryGrowthMax = 2;  // Memory per connection, of the largest step to that of 1,000.

struct Step {
  std::size_t connections = 0;
  load::LoadStage stage;
  double bytes_per_connection = 0;
};

Step run_step(std::size_t connections, load::LoadReport &report) {
  // A server for each: the tables of the step before would stay in its memory for a while.
  MeasuredServer const server(std::max(1U, machine_cores() - 1));
  auto const empty = server.resident_bytes();
  load::LoadOptions options;
  options.tables = connections / kPlayers;
  options.players = kPlayers;
  options.rate = std::max(kRateMin, static_cast<double>(connections));
  options.duration = kStep;
  auto run = server.run(options);

  Step step{.connections = connections, .stage = {}, .bytes_per_connection = 0};
  auto const name = load::number_words(static_cast<double>(connections)) + " connections";
  if (!run.stages.empty()) {
    run.stages.front().name = name;
    step.stage = run.stages.front();
    if (step.stage.server) {
      step.bytes_per_connection =
          (static_cast<double>(step.stage.server->resident_bytes) - static_cast<double>(empty)) /
          static_cast<double>(connections);
    }
  }
  std::printf("%s: %s deliveries/s, ack p50 %s, p99 %s; %s\n", name.c_str(),
              load::number_words(deliveries_per_second(step.stage)).c_str(),
              load::duration_words(step.stage.ack.p50).c_str(), load::duration_words(step.stage.ack.p99).c_str(),
              load::cpu_words(step.stage).c_str());
  append(report, std::move(run), name);
  return step;
}

void find(load::LoadReport &report, std::vector<Step> const &steps) {
  std::vector<std::string> findings;
  Step const &largest = steps.back();
  auto const limit = load::bottleneck_of(largest.stage, machine_cores());
  findings.insert(findings.begin(),
                  "at " + largest.stage.name + ": " + limit.words + "; to go further, " + limit.advice);
  for (Step const &step : steps) {
    auto const found = load::bottleneck_of(step.stage, machine_cores());
    if (found.kind == load::Bottleneck::Kind::none || &step == &largest) continue;
    findings.push_back("at " + step.stage.name + " already: " + found.words);
    break;
  }
  std::string memory = "the server's memory per connection, its share of the table included:";
  for (Step const &step : steps) {
    // Of fewer, what the server keeps for itself would be told as theirs.
    if (step.connections < 1'000) continue;
    memory += " " + load::bytes_words(step.bytes_per_connection) + " at " + step.stage.name + ",";
  }
  memory.pop_back();
  findings.push_back(memory);
  std::string cpu = "the server's CPU per delivery:";
  for (Step const &step : steps) {
    auto const each = cpu_per_delivery(step.stage);
    if (step.connections >= 100 && each)
      cpu += " " + load::number_words(*each * 1e6) + " µs at " + step.stage.name + ",";
  }
  cpu.pop_back();
  findings.push_back(cpu + "; it falls where more leaves in one write");
  report.findings.insert(report.findings.begin(), findings.begin(), findings.end());
}

TEST(ProgressiveLoad, LosesNothingFromTenToTenThousandConnections) {
  TABLEFORGE_MEASURES_RELEASE_ONLY();
  load::LoadReport report;
  report.title = "Progressive load";
  report.plan =
      "10 to 10,000 connections at tables of 5, one message per second from each and at least 200/s in all; " +
      load::LoadMix{}.words();
  std::vector<Step> steps;
  for (std::size_t const connections : kSteps) steps.push_back(run_step(connections, report));
  find(report, steps);
  leave_report(report, report_folder(), "progressive-load");

  EXPECT_TRUE(report.passed());
  ASSERT_EQ(report.stages.size(), std::size(kSteps));
  std::optional<double> cheapest;
  for (Step const &step : steps) {
    EXPECT_EQ(step.stage.connections, step.connections) << step.stage.name;
    EXPECT_EQ(step.stage.connections_lost, 0U) << step.stage.name;
    EXPECT_LE(refused_share(step.stage), kRefusedShareMax) << step.stage.name;
    auto const cpu = cpu_per_delivery(step.stage);
    ASSERT_TRUE(cpu) << step.stage.name;
    // The CPU of few messages is that of idling.
    if (step.connections >= 100) cheapest = cheapest ? std::min(*cheapest, *cpu) : *cpu;
  }
  EXPECT_LE(*cpu_per_delivery(steps.back().stage), kCpuGrowthMax * *cheapest)
      << "a delivery costs more and more as connections grow";
  auto const thousand = std::ranges::find(steps, std::size_t{1'000}, &Step::connections);
  EXPECT_LE(steps.back().bytes_per_connection, kMemoryGrowthMax * thousand->bytes_per_connection)
      << "a connection costs more and more memory as they grow";
}

}  // namespace
}  // namespace tableforge::test::progressive_load
