#include "performance/tuner/scenarios.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "performance/tuner/arms.hpp"

namespace tableforge::test {
namespace {

constexpr tuner::Weights kWeights{};

std::size_t seeds() {
  char const *const given = std::getenv("TABLEFORGE_TUNER_SEEDS");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : 8;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  auto const n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// One seed of one scenario, as ratios.
struct Row {
  double default_ttl, static_ttl;
  double j_default, j_naive, j_static, j_oracle, j_tuner;
  double regret, regret_final;
  double final_ratio;  ///< Of the tuner to the best static, in the final third.
  double decisions, hours;
  std::size_t missed;  ///< Phases in which it never came within 10 %.
  double trials, reversals, detour;
  double p99_naive, p99_tuner;
};

Row measure(Scenario const &scenario, std::uint64_t seed) {
  Hindsight const hindsight(scenario, seed, kWeights);
  auto const best = hindsight.best_static();
  Row row{};
  row.static_ttl = static_ttl_s(best);
  row.default_ttl = scenario.default_ttl_s > 0 ? scenario.default_ttl_s : row.static_ttl;
  std::size_t usual = 0;
  for (std::size_t place = 0; place < kStatics; ++place) {
    if (std::abs(std::log(static_ttl_s(place) / row.default_ttl)) < 0.01) usual = place;
  }
  auto const naive = run_naive(scenario, seed, row.default_ttl, kWeights);
  auto const tuned = run_tuner(scenario, seed, row.default_ttl, kWeights);
  double const per = 1000 / hindsight.reads();
  auto const third = hindsight.buckets() * 2 / 3;
  row.j_default = hindsight.cost(usual, 0) * per;
  row.j_naive = naive.cost(0) * per;
  row.j_static = hindsight.cost(best, 0) * per;
  row.j_oracle = hindsight.oracle(0) * per;
  row.j_tuner = tuned.cost(0) * per;
  row.regret = (row.j_tuner - row.j_oracle) / (row.j_default - row.j_oracle);
  row.regret_final =
      (tuned.cost(third) - hindsight.oracle(third)) / (hindsight.cost(usual, third) - hindsight.oracle(third));
  row.final_ratio = tuned.cost(third) / hindsight.cost(hindsight.best_static(third), third);
  for (std::size_t phase = 0; phase < scenario.phases.size(); ++phase) {
    auto const converged = tuned.converged(scenario, hindsight, phase);
    if (!converged) {
      ++row.missed;
      continue;
    }
    row.decisions = std::max(row.decisions, static_cast<double>(converged->decisions));
    row.hours = std::max(row.hours, converged->hours);
  }
  row.trials = static_cast<double>(tuned.trials);
  row.reversals = static_cast<double>(tuned.reversals);
  row.detour = tuned.detour(row.default_ttl);
  row.p99_naive = naive.worst_p99_ms;
  row.p99_tuner = tuned.worst_p99_ms;
  if (std::getenv("TABLEFORGE_TUNER_TRACE") != nullptr) {
    for (auto const &decision : tuned.decisions) {
      std::printf("  %6.2f h  %8.3f s %s\n", decision.at_s / 3600, decision.ttl_s, decision.kept ? "kept" : "-");
    }
  }
  return row;
}

void print_heading() {
  std::printf(
      "%-20s %4s | %8s %8s | %8s %8s %8s %8s %8s | %6s %6s %6s %6s | %6s %6s | %5s %5s %4s | %4s %3s %5s | %5s %5s\n",
      "scenario", "seed", "default", "static", "J:deflt", "naive", "static", "oracle", "tuner", "/deflt", "/naive",
      "/stat", "/orac", "regret", "final", "/stF", "decis", "h", "miss", "tri", "rev", "p99n", "p99t");
}

void print(std::string const &name, std::string const &seed, Row const &row) {
  std::printf(
      "%-20s %4s | %8.2f %8.2f | %8.1f %8.1f %8.1f %8.1f %8.1f | %6.3f %6.3f %6.3f %6.3f | %6.3f %6.3f | %5.3f %5.1f "
      "%4.1f | %4zu %3.0f %5.0f | %5.1f %5.1f\n",
      name.c_str(), seed.c_str(), row.default_ttl, row.static_ttl, row.j_default, row.j_naive, row.j_static,
      row.j_oracle, row.j_tuner, row.j_tuner / row.j_default, row.j_tuner / row.j_naive, row.j_tuner / row.j_static,
      row.j_tuner / row.j_oracle, row.regret, row.regret_final, row.final_ratio, row.decisions, row.hours, row.missed,
      row.trials, row.reversals, row.p99_naive, row.p99_tuner);
  std::fflush(stdout);
}

class TunerScenario : public testing::TestWithParam<Scenario> {
 protected:
  /// The medians over all seeds; every seed's row is printed.
  Row measured() {
    auto const &scenario = GetParam();
    std::vector<Row> rows;
    print_heading();
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
      rows.push_back(measure(scenario, seed));
      print(scenario.name, std::to_string(seed), rows.back());
    }
    Row result{};
    for (auto const member :
         {&Row::default_ttl, &Row::static_ttl, &Row::j_default, &Row::j_naive, &Row::j_static, &Row::j_oracle,
          &Row::j_tuner, &Row::regret, &Row::regret_final, &Row::final_ratio, &Row::decisions, &Row::hours,
          &Row::trials, &Row::reversals, &Row::p99_naive, &Row::p99_tuner}) {
      std::vector<double> values;
      for (Row const &row : rows) values.push_back(row.*member);
      result.*member = median(values);
    }
    for (Row const &row : rows) result.missed = std::max(result.missed, row.missed);
    print(scenario.name, "med", result);
    return result;
  }
};

TEST_P(TunerScenario, CostsNoMoreThanItsBars) {
  auto const row = measured();
  auto const &name = GetParam().name;
  EXPECT_LE(row.j_tuner / row.j_naive, name == "steady" || name == "oscillating" ? 1.01 : 1.0);
  if (name == "steady") {
    EXPECT_LE(row.j_tuner / row.j_default, 1.01);
  } else if (name == "writes-follow-reads") {
    EXPECT_LE(row.final_ratio, 1.05);
  } else if (name != "oscillating") {
    EXPECT_LE(row.j_tuner / row.j_static, 1.0);
  }
}

INSTANTIATE_TEST_SUITE_P(All, TunerScenario, testing::ValuesIn(scenarios()), [](auto const &info) {
  std::string name;
  for (char const c : info.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace tableforge::test
