#include "tableforge/cache/reuse_times.hpp"

namespace tableforge::cache {
namespace {

// What a kind is taken to have seen of its own accord counts as so many keys of the larger group.
constexpr double kPriorKeys = 1;

struct Seen {
  double asked = 0;
  double waited = 0;
};

/// Keys that were asked for in a moment by those that could have been, as far as a step has seen enough of it; for the
/// rest as in a larger group.
double hazard(Seen const &seen, double larger, double width) {
  auto const prior = kPriorKeys * std::min(1.0, larger * width);
  return (seen.asked + prior) / (seen.waited + prior / larger);
}

/// A stretch of ages: what it earns if it is waited for to its end, what it costs, and who is left then.
struct Stretch {
  double earned;
  double cost;
  double left;

  [[nodiscard]] bool better_than(Stretch const &other) const { return earned * other.cost > other.earned * cost; }
  [[nodiscard]] Stretch then(Stretch const &next) const {
    return {earned + left * next.earned, cost + left * next.cost, left * next.left};
  }
};

}  // namespace

ReuseTimes::ReuseTimes() { forget(); }

/// Until something is learnt the youngest are worth most, and those that nobody asked for next to nothing.
void ReuseTimes::forget() {
  for (auto &kind : cells_) kind.fill({});
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    for (std::size_t step = 0; step < kSteps; ++step) {
      auto const worth = (kind < kGaps ? 0.01 : 1.0) / static_cast<double>(begin_of(step) + entries_);
      worth_[kind][step] = static_cast<float>(worth);
    }
  }
}

void ReuseTimes::make_for(std::size_t entries) {
  if (entries == entries_) return;
  entries_ = std::max(entries, std::size_t{1});
  // A unit is between a 128th and a 64th of the entries.
  unit_bits_ = static_cast<unsigned>(std::max(static_cast<int>(std::bit_width(entries_)), 7) - 7);
  forget();
}

/// Doublings, from less than an eighth of the entries to eight times as many and more.
int ReuseTimes::gap_of(Time gap) const {
  auto const eighths = static_cast<int>(std::bit_width(std::uint64_t{gap} * 8 / entries_));
  return std::clamp(eighths + 1, 1, static_cast<int>(kGaps) - 1);
}

void ReuseTimes::learn(double kept, double followed) {
  std::array<Seen, kSteps> all{};
  std::array<std::array<Seen, kSteps>, kLevels> levels{};
  std::array<std::array<double, kSteps>, kKinds> waited;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    double passed = 0;
    for (std::size_t step = 0; step + 1 < kSteps; ++step) {
      auto const &cell = cells_[kind][step];
      passed += static_cast<double>(cell.passed);
      auto const width = static_cast<double>(begin_of(step + 1) - begin_of(step));
      waited[kind][step] = std::max(0.0, static_cast<double>(cell.waited) + passed * width);
      for (auto *const group : {&all[step], &levels[kind / kGaps][step]}) {
        group->asked += static_cast<double>(cell.asked);
        group->waited += waited[kind][step];
      }
    }
  }

  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    std::array<Stretch, kSteps> stretches;  // The next one is the last.
    std::size_t count = 0;
    for (std::size_t step = kSteps - 1; step-- > 0;) {
      auto const width = static_cast<double>(begin_of(step + 1) - begin_of(step));
      auto const of_all = (all[step].asked + 1e-3) / (all[step].waited + 0.064 * static_cast<double>(entries_));
      auto const of_level = hazard(levels[kind / kGaps][step], of_all, width);
      auto const own = Seen{static_cast<double>(cells_[kind][step].asked), waited[kind][step]};
      auto const left = 1 / (1 + hazard(own, of_level, width) * width);
      Stretch stretch{1 - left, width * left, left};
      while (count > 0 && stretches[count - 1].better_than(stretch)) stretch = stretch.then(stretches[--count]);
      stretches[count++] = stretch;
      auto &worth = worth_[kind][step];
      worth += static_cast<float>(followed * (stretch.earned / stretch.cost - static_cast<double>(worth)));
    }
    worth_[kind][kSteps - 1] = 0;
  }

  for (auto &kind : cells_) {
    for (auto &cell : kind) {
      cell.waited *= static_cast<float>(kept);
      cell.passed *= static_cast<float>(kept);
      cell.asked *= static_cast<float>(kept);
    }
  }
}

}  // namespace tableforge::cache
