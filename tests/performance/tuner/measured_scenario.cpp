#include "performance/tuner/measured_scenario.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "performance/tuner/arms.hpp"

namespace tableforge::test {

namespace {

constexpr tuner::Weights kPrices{};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  auto const n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double sum_of(std::vector<double> const &values, std::size_t from) {
  double sum = 0;
  for (std::size_t i = from; i < values.size(); ++i) sum += values[i];
  return sum;
}

std::size_t place_of(double ttl_s) {
  return static_cast<std::size_t>(
      std::clamp<double>(std::round(2 * std::log2(ttl_s / static_ttl_s(0))), 0, kStatics - 1));
}

/// From what each five minutes cost.
void add_costs(ArmResult &result, std::vector<double> const &costs, Hindsight const &hindsight) {
  auto const third = hindsight.buckets() * 2 / 3;
  double reads = 0;
  for (std::size_t bucket = third; bucket < hindsight.buckets(); ++bucket) reads += hindsight.bucket_reads(bucket);
  result.cost = sum_of(costs, 0) * 1000 / hindsight.reads();
  result.final_cost = sum_of(costs, third) * 1000 / reads;
  for (std::size_t bucket = 0; bucket < costs.size(); ++bucket) {
    result.costs.push_back(costs[bucket] * 1000 / std::max(1.0, hindsight.bucket_reads(bucket)));
  }
}

void add_convergence(ArmResult &result, Scenario const &scenario, Hindsight const &hindsight, Run const &run) {
  for (std::size_t phase = 0; phase < scenario.phases.size(); ++phase) {
    auto const converged = run.converged(scenario, hindsight, phase);
    if (!converged) {
      ++result.missed;
      continue;
    }
    result.decisions = std::max(result.decisions, static_cast<double>(converged->decisions));
    result.hours = std::max(result.hours, converged->hours);
  }
}

ArmResult static_result(Hindsight const &hindsight, std::size_t place) {
  ArmResult result;
  std::vector<double> costs;
  for (std::size_t bucket = 0; bucket < hindsight.buckets(); ++bucket) {
    costs.push_back(hindsight.bucket_cost(place, bucket));
    result.ttls.push_back(static_ttl_s(place));
  }
  add_costs(result, costs, hindsight);
  result.worst_p99_ms = hindsight.worst_p99_ms(place);
  return result;
}

ArmResult oracle_result(Hindsight const &hindsight) {
  ArmResult result;
  std::vector<double> costs;
  for (std::size_t bucket = 0; bucket < hindsight.buckets(); ++bucket) {
    costs.push_back(hindsight.bucket_oracle(bucket));
    result.ttls.push_back(hindsight.oracle_ttl_s(bucket));
  }
  add_costs(result, costs, hindsight);
  result.worst_p99_ms = hindsight.oracle_worst_p99_ms();
  return result;
}

ArmResult moving_result(Scenario const &scenario, Hindsight const &hindsight, Run const &run, double begin_s) {
  ArmResult result;
  add_costs(result, run.costs, hindsight);
  add_convergence(result, scenario, hindsight, run);
  for (std::size_t bucket = 0; bucket < run.costs.size(); ++bucket) {
    result.ttls.push_back(run.ttl_s(bucket));
    result.stale.push_back(100 * run.stale[bucket] / std::max(1.0, hindsight.bucket_reads(bucket)));
  }
  result.trials = run.trials;
  result.reversals = run.reversals;
  result.detour = run.detour(begin_s);
  result.worst_p99_ms = run.worst_p99_ms;
  return result;
}

void trace(Run const &run) {
  if (std::getenv("TABLEFORGE_TUNER_TRACE") == nullptr) return;
  for (auto const &decision : run.decisions) {
    std::printf("  %6.2f h  %8.3f s %s\n", decision.at_s / 3600, decision.ttl_s, decision.what.c_str());
  }
}

}  // namespace

std::string_view name_of(Arm arm) {
  switch (arm) {
    case Arm::unchanged: return "default";
    case Arm::naive: return "naive rule";
    case Arm::best_static: return "best static";
    case Arm::oracle: return "oracle";
    case Arm::tuner: return "tuner";
  }
  return {};
}

MeasuredRun measure(Scenario const &scenario, std::uint64_t seed) {
  Hindsight const hindsight(scenario, seed, kPrices);
  auto const best = hindsight.best_static();
  auto const begin = scenario.default_ttl_s > 0 ? place_of(scenario.default_ttl_s) : best;
  double const begin_s = static_ttl_s(begin);
  MeasuredRun measured{.seed = seed, .arms = {}};
  measured.of(Arm::unchanged) = static_result(hindsight, begin);
  measured.of(Arm::naive) = moving_result(scenario, hindsight, run_naive(scenario, seed, begin_s, kPrices), begin_s);
  measured.of(Arm::best_static) = static_result(hindsight, best);
  measured.of(Arm::oracle) = oracle_result(hindsight);
  auto const tuned = run_tuner(scenario, seed, begin_s, kPrices);
  trace(tuned);
  measured.of(Arm::tuner) = moving_result(scenario, hindsight, tuned, begin_s);
  auto const &worst = measured.of(Arm::unchanged);
  auto const &least = measured.of(Arm::oracle);
  // Where the default is the best there is, regret has no scale.
  auto const share = [](double cost, double from, double to) {
    return to - from > 1e-6 * from ? (cost - from) / (to - from) : 0;
  };
  for (ArmResult &each : measured.arms) {
    each.regret = share(each.cost, least.cost, worst.cost);
    each.final_regret = share(each.final_cost, least.final_cost, worst.final_cost);
  }
  return measured;
}

std::array<ArmResult, kArms> MeasuredScenario::medians() const {
  std::array<ArmResult, kArms> result;
  for (std::size_t arm = 0; arm < kArms; ++arm) {
    auto const of = [&](auto member) {
      std::vector<double> values;
      for (MeasuredRun const &run : runs) values.push_back(static_cast<double>(run.arms[arm].*member));
      return median(std::move(values));
    };
    ArmResult &each = result[arm];
    for (auto const member : {&ArmResult::cost, &ArmResult::final_cost, &ArmResult::regret, &ArmResult::final_regret,
                              &ArmResult::decisions, &ArmResult::hours, &ArmResult::detour, &ArmResult::worst_p99_ms}) {
      each.*member = of(member);
    }
    for (auto const member : {&ArmResult::trials, &ArmResult::reversals}) {
      each.*member = static_cast<std::size_t>(std::llround(of(member)));
    }
    for (MeasuredRun const &run : runs) each.missed = std::max(each.missed, run.arms[arm].missed);
  }
  return result;
}

std::vector<Bar> MeasuredScenario::bars() const {
  auto const by = [&](auto const &figure) {
    std::vector<double> values;
    for (MeasuredRun const &run : runs) values.push_back(figure(run));
    return median(std::move(values));
  };
  auto const to = [&](Arm arm) { return by([&](MeasuredRun const &run) { return run.ratio_to(arm); }); };
  auto const &name = scenario.name;
  std::vector<Bar> bars;
  if (name == "steady") {
    bars.push_back({"cost, of leaving the best lifetime alone", to(Arm::unchanged), 1.01});
    bars.push_back({"worst p99, of the same", by([](MeasuredRun const &run) {
                      return run.of(Arm::tuner).worst_p99_ms / run.of(Arm::unchanged).worst_p99_ms;
                    }),
                    1.02});
    return bars;
  }
  bars.push_back({"cost, of the naive rule's", to(Arm::naive), 0.75});
  if (name == "oscillating") {
    bars.push_back({"cost, of leaving the best lifetime alone", to(Arm::unchanged), 1.05});
    return bars;
  }
  if (name == "writes-follow-reads") {
    bars.push_back({"cost in the last third, of the best static lifetime's", by([](MeasuredRun const &run) {
                      return run.of(Arm::tuner).final_cost / run.of(Arm::best_static).final_cost;
                    }),
                    1.05});
    bars.push_back({"cost, of the naive rule's", to(Arm::naive), 0.55, false});
    return bars;
  }
  bars.push_back({"cost, of the best static lifetime's", to(Arm::best_static), 1.0});
  bars.push_back({"cost, of the best static lifetime's", to(Arm::best_static), 0.75, false});
  bars.push_back({"cost, of the oracle's", to(Arm::oracle), 1.10, false});
  bars.push_back({"regret in the last third",
                  by([](MeasuredRun const &run) { return run.of(Arm::tuner).final_regret; }), 0.15, false});
  bars.push_back({"decisions until within 10 %",
                  by([](MeasuredRun const &run) { return run.of(Arm::tuner).decisions; }), 6, false});
  return bars;
}

}  // namespace tableforge::test
