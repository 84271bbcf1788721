#include "load/load_tally.hpp"

#include <array>
#include <limits>
#include <utility>

namespace tableforge::load {

namespace {

using Count = std::uint64_t LoadStage::*;

constexpr std::array<Count, 5> kWrongs{&LoadStage::lost, &LoadStage::doubled, &LoadStage::disordered,
                                       &LoadStage::connections_lost, &LoadStage::actions_unanswered};
constexpr std::array<Count, 8> kFlows{
    &LoadStage::actions_sent, &LoadStage::actions_accepted,    &LoadStage::actions_refused, &LoadStage::presence_sent,
    &LoadStage::deliveries,   &LoadStage::presence_deliveries, &LoadStage::bytes_received,  &LoadStage::resyncs};

template <std::size_t N>
void add(LoadStage &sum, LoadStage const &each, std::array<Count, N> const &counts) {
  for (auto const count : counts) sum.*count += each.*count;
}

}  // namespace

LoadTally::LoadTally() { begin("setup", false, 0, std::numeric_limits<std::int64_t>::min()); }

LoadTally::Stage &LoadTally::begin(std::string name, bool reported, double rate, std::int64_t now) {
  current_ = &stages_.emplace_back();
  current_->counts.name = std::move(name);
  current_->counts.offered_per_second = rate;
  current_->reported = reported;
  current_->begin = now;
  return *current_;
}

LoadTally::Stage &LoadTally::earlier(std::int64_t due) {
  auto stage = stages_.rbegin();
  while (due < stage->begin) ++stage;  // The first begins before everything.
  return *stage;
}

LoadStage LoadTally::total() const {
  LoadStage sum;
  for (auto const &stage : stages_) {
    add(sum, stage.counts, kFlows);
    add(sum, stage.counts, kWrongs);
  }
  return sum;
}

std::uint64_t LoadTally::presence_expected() const {
  std::uint64_t sum = 0;
  for (auto const &stage : stages_) sum += stage.presence_expected;
  return sum;
}

LoadStage LoadTally::finished(Stage const &stage) {
  auto counts = stage.counts;
  // Whoever came in while a message was under way may get it unexpectedly.
  counts.presence_coalesced =
      stage.presence_expected > counts.presence_deliveries ? stage.presence_expected - counts.presence_deliveries : 0;
  counts.ack = stage.ack.quantiles();
  counts.receipt = stage.receipt.quantiles();
  counts.presence = stage.presence.quantiles();
  counts.late = stage.late.quantiles();
  return counts;
}

std::vector<LoadStage> LoadTally::report() const {
  std::vector<LoadStage> reported;
  LoadStage unreported;
  for (auto const &stage : stages_) {
    if (!stage.reported) {
      add(unreported, stage.counts, kWrongs);
      continue;
    }
    reported.push_back(finished(stage));
    add(reported.back(), std::exchange(unreported, {}), kWrongs);
  }
  if (!reported.empty()) add(reported.back(), unreported, kWrongs);
  return reported;
}

}  // namespace tableforge::load
