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

/// By how much the treated side is above the control, over segments of which each may have one of them or both.
struct Contrast {
  Moments control;
  Moments treated;
  [[nodiscard]] double value() const { return treated.mean() - control.mean(); }
  [[nodiscard]] bool complete() const { return control.count() > 0 && treated.count() > 0; }
};

double change_of(Guard const &guard, std::span<Reading const> readings, std::size_t index) {
  Contrast trial;
  Contrast lead;
  for (Reading const &reading : readings) {
    Contrast &contrast = reading.lead ? lead : trial;
    if (reading.control.cost.requests > 0) contrast.control.add(scaled(guard, reading.control.guards[index]));
    if (reading.treated.cost.requests > 0) contrast.treated.add(scaled(guard, reading.treated.guards[index]));
  }
  return trial.value() - (lead.complete() ? lead.value() : 0);
}

}  // namespace

double level_of(Cost cost, Weights const &weights) {
  double const whole = objective(cost, weights);
  cost.stale_reads = 0;
  // Of a side that cost nothing else, a thousandth of it stands for that.
  return std::log(std::max(objective(cost, weights), whole / 1000));
}

std::optional<PairedBlock> pair_readings(std::span<Reading const> readings, Weights const &weights,
                                         std::span<Guard const> guards, double requests_min) {
  Contrast trial;
  Contrast lead;
  Moments control_level;
  for (Reading const &reading : readings) {
    Contrast &contrast = reading.lead ? lead : trial;
    double yardstick = 0;
    if (reading.untouched) {
      double const level = objective(*reading.untouched, weights);
      if (level <= 0) return std::nullopt;
      yardstick = std::log(level);
    }
    for (auto const &[side, levels] :
         {std::pair(&reading.control, &contrast.control), std::pair(&reading.treated, &contrast.treated)}) {
      TF_CHECK(side->cost.requests == 0 || side->guards.size() == guards.size());
      if (side->cost.requests == 0) continue;
      double const level = objective(side->cost, weights);
      if (side->cost.requests < requests_min || level <= 0) return std::nullopt;
      levels->add(std::log(level) - yardstick);
      if (side == &reading.control && !reading.lead) control_level.add(level_of(side->cost, weights) - yardstick);
    }
  }
  bool const led = std::ranges::any_of(readings, &Reading::lead);
  if (!trial.complete() || (led && !lead.complete())) return std::nullopt;
  PairedBlock block{
      .log_ratio = trial.value() - (led ? lead.value() : 0), .control_level = control_level.mean(), .guards = {}};
  for (std::size_t i = 0; i < guards.size(); ++i) block.guards.push_back(change_of(guards[i], readings, i));
  return block;
}

}  // namespace tableforge::tuner
