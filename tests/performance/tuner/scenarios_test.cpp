#include "performance/tuner/scenarios.hpp"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "performance/support/report_files.hpp"
#include "performance/tuner/measured_scenario.hpp"
#include "performance/tuner/tuner_report.hpp"

namespace tableforge::test {
namespace {

std::size_t seeds() {
  char const *const given = std::getenv("TABLEFORGE_TUNER_SEEDS");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : 8;
}

/// Gathers what each scenario came to, and leaves one report when all of them have.
class Gathered final : public testing::Environment {
 public:
  void TearDown() override {
    if (all.size() != scenarios().size()) return;
    std::printf("%s", to_text(all).c_str());
    leave_files(report_folder(), "tuner", to_json(all), to_html(all));
  }
  std::vector<MeasuredScenario> all;
};

Gathered &gathered() {
  // gtest owns it.
  static auto *const environment = static_cast<Gathered *>(testing::AddGlobalTestEnvironment(new Gathered));
  return *environment;
}
[[maybe_unused]] Gathered &registered = gathered();

class TunerScenario : public testing::TestWithParam<Scenario> {};

TEST_P(TunerScenario, CostsNoMoreThanItsFloors) {
  MeasuredScenario measured{.scenario = GetParam(), .runs = {}};
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    measured.runs.push_back(measure(measured.scenario, seed));
    auto const &run = measured.runs.back();
    std::printf("%-20s seed %llu: J default %.1f, naive %.1f, static %.1f, oracle %.1f, tuner %.1f: of static %.3f\n",
                measured.scenario.name.c_str(), static_cast<unsigned long long>(seed), run.of(Arm::unchanged).cost,
                run.of(Arm::naive).cost, run.of(Arm::best_static).cost, run.of(Arm::oracle).cost,
                run.of(Arm::tuner).cost, run.ratio_to(Arm::best_static));
    std::fflush(stdout);
  }
  std::printf("%s", to_text({measured}).c_str());
  for (Bar const &bar : measured.bars()) {
    if (bar.floor) EXPECT_LE(bar.value, bar.at_most) << bar.name;
  }
  gathered().all.push_back(std::move(measured));
}

INSTANTIATE_TEST_SUITE_P(All, TunerScenario, testing::ValuesIn(scenarios()), [](auto const &info) {
  std::string name;
  for (char const c : info.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace tableforge::test
