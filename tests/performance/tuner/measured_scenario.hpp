#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "performance/tuner/load.hpp"

namespace tableforge::test {

/// Who steers the lifetime.
enum class Arm : std::uint8_t {
  unchanged,    ///< Nobody: what the process began with.
  naive,        ///< A rule by hit rate.
  best_static,  ///< The one lifetime that was best for the whole run, in hindsight.
  oracle,       ///< The best one for each phase, likewise.
  tuner,
};
inline constexpr std::size_t kArms = 5;
std::string_view name_of(Arm arm);

/// What one arm came to, in one run of a scenario.
struct ArmResult {
  double cost = 0;          ///< J: of 1,000 reads.
  double final_cost = 0;    ///< The same of the last third.
  double regret = 0;        ///< (J − J of the oracle) / (J unchanged − J of the oracle).
  double final_regret = 0;  ///< Of the last third.
  double decisions = 0;     ///< Until it was within 10 % of the oracle, in the phase where that took most;
  double hours = 0;         ///< likewise.
  std::size_t missed = 0;   ///< Phases in which it never was.
  std::size_t trials = 0;
  std::size_t reversals = 0;
  double detour = 1;  ///< The way gone by the way gained, in logarithms.
  double worst_p99_ms = 0;
  // Every five minutes.
  std::vector<double> ttls{};   ///< In seconds.
  std::vector<double> costs{};  ///< J.
  std::vector<double> stale{};  ///< Percent of the reads; empty where it was not counted.
};

/// One seed of one scenario, all arms on the same reads and writes.
struct MeasuredRun {
  std::uint64_t seed = 0;
  std::array<ArmResult, kArms> arms;

  [[nodiscard]] ArmResult const &of(Arm arm) const { return arms[static_cast<std::size_t>(arm)]; }
  [[nodiscard]] ArmResult &of(Arm arm) { return arms[static_cast<std::size_t>(arm)]; }
  /// How much the tuner costs, of another arm.
  [[nodiscard]] double ratio_to(Arm arm) const { return of(Arm::tuner).cost / of(arm).cost; }
};

MeasuredRun measure(Scenario const &scenario, std::uint64_t seed);

/// A figure, and what it is held against.
struct Bar {
  std::string name;
  double value = 0;
  double at_most = 0;
  bool floor = true;  ///< Else it is a target: told, and no failure.

  [[nodiscard]] bool met() const { return value <= at_most; }
};

/// All seeds of one scenario.
struct MeasuredScenario {
  Scenario scenario;
  std::vector<MeasuredRun> runs;

  [[nodiscard]] std::array<ArmResult, kArms> medians() const;  ///< Without their series.
  [[nodiscard]] std::vector<Bar> bars() const;                 ///< Of medians.
};

}  // namespace tableforge::test
