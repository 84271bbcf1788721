#include "tableforge/tuner/trial_plan.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace tableforge::tuner {

namespace {

class Planner {
 public:
  Planner(std::chrono::milliseconds settling, PlanRules const &rules, std::uint64_t seed)
      : settling_(settling),
        length_(std::max(rules.block_min, settling * rules.settlings_min)),
        random_(seed),
        salt_(random_()) {}

  void add_cohorts(std::size_t blocks, double share, bool canary) {
    for (; blocks > 0; --blocks, ++block_) {
      bool const swapped = toss();
      for (bool const side : {swapped, !swapped}) {
        plan_.push_back({{share, salt_, side}, settling_, length_ / 2 - settling_, block_, canary});
      }
    }
  }

  /// Blocks of the shortest length, all leads first: the server has to settle only when the cohorts grow.
  void add_led_cohorts(PlanRules const &rules, double share) {
    for (bool const lead : {true, false}) {
      add_led_blocks(rules.canary_blocks, 0, rules.canary_share, lead, rules.block_min);
      add_led_blocks(rules.led_blocks > 0 ? rules.led_blocks : rules.blocks, rules.canary_blocks, share, lead,
                     rules.block_min);
    }
  }

  void add_pairs(std::size_t blocks) {
    for (; blocks > 0; --blocks, ++block_) {
      bool const treated = toss();
      for (bool const side : {treated, !treated}) add_whole(side, block_);
    }
  }

  void add_before_and_after(std::size_t blocks) {
    for (bool const treated : {false, true}) {
      for (std::size_t block = 0; block < blocks; ++block) add_whole(treated, block);
    }
  }

  std::vector<Segment> take() { return std::move(plan_); }

 private:
  void add_led_blocks(std::size_t blocks, std::size_t first, double share, bool lead,
                      std::chrono::milliseconds length) {
    for (std::size_t i = 0; i < blocks; ++i) {
      auto const settle = lead || i > 0 ? std::chrono::milliseconds(0) : settling_;
      plan_.push_back({{share, salt_, false, !lead}, settle, length, first + i, first == 0, lead});
    }
  }
  void add_whole(bool treated, std::size_t block) {
    plan_.push_back({{treated ? 1.0 : 0.0, salt_, false}, settling_, length_ - settling_, block, false});
  }
  // Engines are specified to the bit, distributions are not: the same plan comes of a seed everywhere.
  bool toss() { return (random_() >> 63) != 0; }

  std::chrono::milliseconds settling_;
  std::chrono::milliseconds length_;
  std::mt19937_64 random_;
  std::uint64_t salt_;
  std::size_t block_ = 0;
  std::vector<Segment> plan_;
};

}  // namespace

std::vector<Segment> plan_trial(TrialKind kind, std::chrono::milliseconds settling, PlanRules const &rules,
                                std::uint64_t seed) {
  Planner planner(settling, rules, seed);
  switch (kind) {
    case TrialKind::cohort: {
      double const share = rules.canary_only ? rules.canary_share : rules.share;
      planner.add_cohorts(rules.canary_blocks, rules.canary_share, true);
      planner.add_cohorts(rules.blocks, share, false);
      Planner led(settling, rules, seed);
      led.add_led_cohorts(rules, share);
      auto swapped = planner.take();
      auto beside = led.take();
      return duration_of(swapped) <= duration_of(beside) ? swapped : beside;
    }
    case TrialKind::switchback: planner.add_pairs(rules.blocks); break;
    case TrialKind::before_after: planner.add_before_and_after(rules.blocks); break;
  }
  return planner.take();
}

std::chrono::milliseconds duration_of(std::vector<Segment> const &plan) {
  std::chrono::milliseconds sum{};
  for (Segment const &segment : plan) sum += segment.settle + segment.measure;
  return sum;
}

}  // namespace tableforge::tuner
