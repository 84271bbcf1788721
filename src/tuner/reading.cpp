#include "tableforge/tuner/reading.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tableforge/base/check.hpp"
#include "tableforge/tuner/moments.hpp"

namespace tableforge::tuner {

namespace {

/// A guard's value where changes of it can be subtracted.
double scaled(Guard const &guard, double value) {
  constexpr double kNothing = 1e-9;  // Stands for 0, of which there is no ratio: nothing on both sides is no change.
  if (guard.kind == Guard::Kind::difference || std::isnan(value)) return value;
  return std::log(std::max(value, kNothing));
}

double change_of(Guard const &guard, std::span<Reading const> readings, std::size_t index) {
  Moments control;
  Moments treated;
  for (Reading const &reading : readings) {
    if (reading.control.cost.requests > 0) control.add(scaled(guard, reading.control.guards[index]));
    if (reading.treated.cost.requests > 0) treated.add(scaled(guard, reading.treated.guards[index]));
  }
  return treated.mean() - control.mean();
}

}  // namespace

std::optional<PairedBlock> pair_readings(std::span<Reading const> readings, Weights const &weights,
                                         std::span<Guard const> guards, double requests_min) {
  Moments control;
  Moments treated;
  for (Reading const &reading : readings) {
    double yardstick = 0;
    if (reading.untouched) {
      double const level = objective(*reading.untouched, weights);
      if (level <= 0) return std::nullopt;
      yardstick = std::log(level);
    }
    for (auto const &[side, levels] : {std::pair(&reading.control, &control), std::pair(&reading.treated, &treated)}) {
      TF_CHECK(side->cost.requests == 0 || side->guards.size() == guards.size());
      if (side->cost.requests == 0) continue;
      double const level = objective(side->cost, weights);
      if (side->cost.requests < requests_min || level <= 0) return std::nullopt;
      levels->add(std::log(level) - yardstick);
    }
  }
  if (control.count() == 0 || treated.count() == 0) return std::nullopt;
  PairedBlock block{.log_ratio = treated.mean() - control.mean(), .control_level = control.mean(), .guards = {}};
  for (std::size_t i = 0; i < guards.size(); ++i) block.guards.push_back(change_of(guards[i], readings, i));
  return block;
}

}  // namespace tableforge::tuner
