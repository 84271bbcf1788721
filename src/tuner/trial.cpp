#include "tuner/trial.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tableforge::tuner {

Trial::Trial(Spec spec) : spec_(std::move(spec)), judge_(spec_.guards, spec_.rules) {}

std::optional<Judgement> Trial::add(Reading reading) {
  Segment const ended = segment();
  if (!ended.lead) control_ += reading.control.cost;
  if (!ended.lead) treated_ += reading.treated.cost;
  reading.lead = ended.lead;
  auto const harm = reading.harm;
  double const level = objective(reading.control.cost, spec_.weights);
  // Of the same cohort as later, which that on a canary's share is not.
  if (ended.lead && !ended.canary && level > 0) {
    if (auto early = judge_.add_lead(level_of(reading.control.cost, spec_.weights))) return early;
  }
  auto &readings = readings_[ended.block];
  readings.push_back(std::move(reading));
  ++at_;
  if (readings.size() == segments_of(ended.block)) {
    auto const block = pair_readings(readings, spec_.weights, spec_.guards, spec_.requests_min);
    readings_.erase(ended.block);
    if (auto early = judge_.add(block, ended.canary)) return early;
  }
  if (!harm.empty()) return judge_.harmed(harm);
  if (at_ < spec_.plan.size()) return std::nullopt;
  return judge_.conclude();
}

std::size_t Trial::segments_of(std::size_t block) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(spec_.plan, [&](Segment const &segment) { return segment.block == block; }));
}

}  // namespace tableforge::tuner
