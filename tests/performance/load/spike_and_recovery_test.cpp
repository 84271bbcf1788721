#include <string>

#include <gtest/gtest.h>

#include "load/bottleneck.hpp"
#include "load/quantity.hpp"
#include "performance/load/judgement.hpp"
#include "performance/load/measured_server.hpp"
#include "performance/load/reports.hpp"
#include "performance/support/machine.hpp"

namespace tableforge::test::spike_and_recovery {
namespace {

using namespace std::chrono_literals;

constexpr double kRate = 1'500;
constexpr double kFactor = 10;
constexpr double kSpikeAt = 8;
constexpr double kSpikeUntil = kSpikeAt + 1;
constexpr auto kDuration = 24s;

/// What "back" means in the report.
constexpr double kBack = 1.2;
/// The bar: by the end of the time line, which is fifteen times as long as the spike, this close at least. A machine
/// that does other things beside moves p99 by itself.
constexpr double kBackAtLast = 3;

TEST(SpikeAndRecovery, LosesNothingToATenfoldSecondAndComesBack) {
  TABLEFORGE_MEASURES_RELEASE_ONLY();
  MeasuredServer const server(std::max(1U, machine_cores() - 1));
  load::LoadOptions options;
  options.title = "Spike and recovery";
  options.tables = 100;
  options.players = 6;
  options.rate = kRate;
  options.spike = load::LoadSpike{.factor = kFactor, .at_seconds = kSpikeAt};
  options.duration = kDuration;
  auto report = server.run(options);

  bool const whole = report.stages.size() == 3;
  auto const recovery = recovery_of(report.samples, kSpikeAt, kSpikeUntil, kBack);
  if (whole) {
    auto const &spike = report.stages[1];
    auto const limit = load::bottleneck_of(spike, machine_cores());
    report.findings.push_back("in the spike p99 was " + load::duration_words(spike.ack.p99) + ", before it " +
                              load::duration_words(report.stages[0].ack.p99) + "; " +
                              load::number_words(100 * refused_share(spike)) +
                              " % of its actions were refused, and told so");
    report.findings.push_back("in the spike " + limit.words +
                              (limit.kind == load::Bottleneck::Kind::none ? "" : "; to soften it, " + limit.advice));
    report.findings.push_back(recovery.seconds
                                  ? "p99 was back within 1.2 times that of before (" +
                                        load::duration_words(recovery.p99_before) + ") " +
                                        load::number_words(*recovery.seconds) + " s after the spike"
                                  : "p99 was not back within 1.2 times that of before (" +
                                        load::duration_words(recovery.p99_before) + ") at the end of the time line");
  }
  leave_report(report, report_folder(), "spike-and-recovery");

  EXPECT_TRUE(report.passed());
  ASSERT_TRUE(whole) << "before, spike and after";
  auto const &spike = report.stages[1];
  EXPECT_NEAR(spike.offered_per_second, kFactor * kRate, 1);
  for (auto const &stage : report.stages) EXPECT_EQ(stage.connections_lost, 0U) << stage.name;
  EXPECT_TRUE(recovery_of(report.samples, kSpikeAt, kSpikeUntil, kBackAtLast).seconds)
      << "p99 never came back to " << kBackAtLast << " times what it was";
}

}  // namespace
}  // namespace tableforge::test::spike_and_recovery
