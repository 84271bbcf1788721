#include <string>

#include <gtest/gtest.h>

#include "load/bottleneck.hpp"
#include "load/quantity.hpp"
#include "performance/load/judgement.hpp"
#include "performance/load/measured_server.hpp"
#include "performance/load/reports.hpp"
#include "performance/support/machine.hpp"

namespace tableforge::test::scaling_efficiency {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kTables = 200;
constexpr std::size_t kPlayers = 6;
constexpr double kRates[] = {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 64'000};
constexpr auto kStep = 3s;

// Bars: ratios within the run.
constexpr double kCpuGrowthMax = 2;     // CPU per delivery, at the knee to that at the first rate.
constexpr double kCpuOfThreadsMax = 2;  // CPU per delivery at the same rate, with two I/O threads to that with one.
constexpr double kPeakOfThreadsMin =
    0.5;  // Most deliveries/s, likewise. On two cores, generator and PostgreSQL need one.

/// The rates in rising order, up to the first that is not carried.
class Climb {
 public:
  explicit Climb(unsigned io_threads) : io_threads_(io_threads) {
    report_.title = "Scaling efficiency, io_threads " + std::to_string(io_threads);
    report_.plan =
        "200 tables of 6 players, the offered rate doubled until it is not carried; " + load::LoadMix{}.words();
    MeasuredServer const server(io_threads);
    for (double const rate : kRates) {
      step(server, rate);
      if (!report_.failures.empty() || !carried(report_.stages.back(), report_.stages.front())) break;
    }
    knee_ = knee_of(report_.stages);
  }

  void find() {
    std::vector<std::string> found;
    auto const &stages = report_.stages;
    if (knee_) {
      bool const last = *knee_ + 1 == stages.size();
      auto const &beyond = stages[last ? *knee_ : *knee_ + 1];
      auto const limit = load::bottleneck_of(beyond, machine_cores());
      found.push_back((last ? "no knee was found: all was carried up to " : "the knee is at ") + stages[*knee_].name +
                      "/s offered, " + load::number_words(deliveries_per_second(stages[*knee_])) + " deliveries/s");
      found.push_back("at " + beyond.name + "/s: " + limit.words + "; to go further, " + limit.advice);
    }
    for (auto const &stage : stages) found.push_back(words_of(stage));
    report_.findings.insert(report_.findings.begin(), found.begin(), found.end());
  }

  void leave() const {
    leave_report(report_, report_folder(), "scaling-efficiency-io-threads-" + std::to_string(io_threads_));
  }

  void check() const {
    SCOPED_TRACE("io_threads " + std::to_string(io_threads_));
    EXPECT_TRUE(report_.passed());
    ASSERT_TRUE(knee_) << "not even the lowest rate was carried";
    for (std::size_t i = 0; i <= *knee_; ++i) {
      EXPECT_EQ(report_.stages[i].connections_lost, 0U) << report_.stages[i].name;
    }
    auto const first = cpu_per_delivery(report_.stages.front());
    auto const at_knee = cpu_per_delivery(report_.stages[*knee_]);
    ASSERT_TRUE(first && at_knee);
    EXPECT_LE(*at_knee, kCpuGrowthMax * *first) << "a delivery costs more and more as the rate grows";
  }

  [[nodiscard]] load::LoadReport &report() { return report_; }
  [[nodiscard]] std::optional<std::size_t> knee() const { return knee_; }
  [[nodiscard]] double peak() const {
    double most = 0;
    for (auto const &stage : report_.stages) most = std::max(most, deliveries_per_second(stage));
    return most;
  }

 private:
  void step(MeasuredServer const &server, double rate) {
    load::LoadOptions options;
    options.tables = kTables;
    options.players = kPlayers;
    options.rate = rate;
    options.duration = kStep;
    auto run = server.run(options);
    auto const name = load::number_words(rate);
    if (!run.stages.empty()) run.stages.front().name = name;
    append(report_, std::move(run), name + "/s");
  }

  [[nodiscard]] std::string words_of(load::LoadStage const &stage) const {
    double const deliveries = deliveries_per_second(stage);
    auto words = stage.name + "/s: " + load::number_words(100 * linearity(stage, report_.stages.front())) +
                 " % of linear, " + load::number_words(deliveries) + " deliveries/s, " +
                 load::number_words(deliveries / static_cast<double>(stage.connections)) + " per connection";
    if (auto const cpu = cpu_per_delivery(stage)) {
      words += ", " + load::number_words(1 / *cpu) + " per core of the server";
    }
    return words + "; ack p99 " + load::duration_words(stage.ack.p99) + "; " + load::cpu_words(stage);
  }

  unsigned io_threads_;
  load::LoadReport report_;
  std::optional<std::size_t> knee_;
};

TEST(ScalingEfficiency, KeepsTheCostOfADeliveryUpToTheKneeAndWithMoreThreads) {
  TABLEFORGE_MEASURES_RELEASE_ONLY();
  Climb one(1);
  Climb two(2);
  one.find();
  two.find();
  double const gain = two.peak() / one.peak();
  auto const compared = "two I/O threads reach " + load::number_words(gain) +
                        " times the deliveries/s of one; this machine has " + std::to_string(machine_cores()) +
                        " cores, of which generator and PostgreSQL take their share";
  one.report().findings.push_back(compared);
  two.report().findings.push_back(compared);
  one.leave();
  two.leave();

  one.check();
  two.check();
  if (!one.knee() || !two.knee()) return;
  EXPECT_GE(gain, kPeakOfThreadsMin) << "a second I/O thread gets in the way of the first";
  auto const both = std::min(*one.knee(), *two.knee());
  EXPECT_LE(*cpu_per_delivery(two.report().stages[both]),
            kCpuOfThreadsMax * *cpu_per_delivery(one.report().stages[both]))
      << "at " << one.report().stages[both].name << "/s, which both carry";
}

}  // namespace
}  // namespace tableforge::test::scaling_efficiency
