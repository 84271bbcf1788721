#include "performance/load/judgement.hpp"

#include <algorithm>
#include <array>

namespace tableforge::test {

namespace {

constexpr double kAcceptedShare = 0.95;
constexpr double kPresenceShare = 0.9;
// Three doublings of the load may each double the median before this calls it a queue.
constexpr double kQueueFactor = 20;

std::chrono::nanoseconds median(std::vector<std::chrono::nanoseconds> values) {
  if (values.empty()) return {};
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::uint64_t deliveries(load::LoadStage const &stage) { return stage.deliveries + stage.presence_deliveries; }

}  // namespace

double deliveries_per_second(load::LoadStage const &stage) {
  return stage.seconds > 0 ? static_cast<double>(deliveries(stage)) / stage.seconds : 0;
}

std::optional<double> cpu_per_delivery(load::LoadStage const &stage) {
  if (!stage.server || deliveries(stage) == 0) return std::nullopt;
  return stage.server->cores * stage.seconds / static_cast<double>(deliveries(stage));
}

double refused_share(load::LoadStage const &stage) {
  return stage.actions_sent > 0 ? static_cast<double>(stage.actions_refused) / static_cast<double>(stage.actions_sent)
                                : 0;
}

bool carried(load::LoadStage const &stage, load::LoadStage const &easiest) {
  auto const accepted = static_cast<double>(stage.actions_accepted);
  auto const presence = static_cast<double>(stage.presence_deliveries);
  auto const expected = static_cast<double>(stage.presence_deliveries + stage.presence_coalesced);
  return accepted >= kAcceptedShare * static_cast<double>(stage.actions_sent) &&
         presence >= kPresenceShare * expected &&
         static_cast<double>(stage.ack.p50.count()) <= kQueueFactor * static_cast<double>(easiest.ack.p50.count());
}

std::optional<std::size_t> knee_of(std::vector<load::LoadStage> const &stages) {
  std::optional<std::size_t> knee;
  for (std::size_t i = 0; i < stages.size() && carried(stages[i], stages.front()); ++i) knee = i;
  return knee;
}

double linearity(load::LoadStage const &stage, load::LoadStage const &base) {
  double const offered = stage.offered_per_second / base.offered_per_second;
  return deliveries_per_second(stage) / (deliveries_per_second(base) * offered);
}

Recovery recovery_of(std::vector<load::LoadSample> const &samples, double disturbed_at, double disturbed_until,
                     double factor) {
  Recovery recovery;
  std::vector<std::chrono::nanoseconds> before;
  std::vector<load::LoadSample> after;
  for (load::LoadSample const &sample : samples) {
    if (sample.at_seconds <= disturbed_at) before.push_back(sample.ack_p99);
    // A sample tells of the second that it ends; the one in which the disturbance ended is not all after it.
    if (sample.at_seconds >= disturbed_until) after.push_back(sample);
  }
  recovery.p99_before = median(before);
  auto const bound = factor * static_cast<double>(recovery.p99_before.count());
  for (std::size_t i = 0; i + 3 <= after.size(); ++i) {
    auto const p99 = median({after[i].ack_p99, after[i + 1].ack_p99, after[i + 2].ack_p99});
    if (static_cast<double>(p99.count()) > bound) continue;
    recovery.seconds = after[i].at_seconds - disturbed_until;
    break;
  }
  return recovery;
}

}  // namespace tableforge::test
