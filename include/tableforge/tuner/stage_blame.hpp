#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "tableforge/metrics/words.hpp"

namespace tableforge::tuner {

using metrics::Stage;

inline constexpr std::size_t kStages = Words<Stage>::words.size();
/// A number for each stage, in their order: milliseconds.
using StageDelays = std::array<double, kStages>;

/// Which stage of the way of an answer has become slower: the one whose delay has grown most beside its own baseline,
/// in milliseconds, since those are what the answer took longer.
///
/// Baselines are learnt in calm seconds only. Delays are followed over a few seconds, as a breach is.
///
/// Threads: one; a value.
class StageBlame {
 public:
  /// What is less than this share of the objective has not made anybody late.
  static constexpr double kGrownMin = 0.1;

  void add(StageDelays const &delays, bool calm) {
    for (std::size_t i = 0; i < kStages; ++i) {
      lately_[i] += kQuick * (delays[i] - lately_[i]);
      if (!calm) continue;
      usual_[i] = known_ ? usual_[i] + kSlow * (delays[i] - usual_[i]) : delays[i];
    }
    known_ = known_ || calm;
  }
  [[nodiscard]] double grown(Stage stage) const {
    auto const i = static_cast<std::size_t>(stage);
    return lately_[i] - usual_[i];
  }
  /// None, if the stages do not explain it.
  [[nodiscard]] std::optional<Stage> blamed(double objective_ms) const {
    Stage worst{};
    for (std::size_t i = 1; i < kStages; ++i) {
      if (grown(static_cast<Stage>(i)) > grown(worst)) worst = static_cast<Stage>(i);
    }
    if (grown(worst) < kGrownMin * objective_ms) return std::nullopt;
    return worst;
  }
  [[nodiscard]] StageDelays const &lately() const { return lately_; }
  [[nodiscard]] StageDelays const &usual() const { return usual_; }

  /// Who this stage waits for: what has no remedy of its own is owed to it.
  [[nodiscard]] static constexpr std::optional<Stage> behind(Stage stage) {
    switch (stage) {
      case Stage::outbox: return Stage::run_queue;
      case Stage::journal_queue: return Stage::journal_commit;
      case Stage::cache_load: return Stage::database_wait;
      case Stage::database_wait: return Stage::journal_commit;
      case Stage::run_queue:
      case Stage::journal_commit: return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  static constexpr double kQuick = 0.5;
  static constexpr double kSlow = 0.02;  // A minute or so.

  StageDelays lately_{};
  StageDelays usual_{};
  bool known_ = false;
};

}  // namespace tableforge::tuner
