#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/tuner/ladder.hpp"

namespace tableforge::tuner {

enum class Direction : std::uint8_t { down, up };

/// What is remembered of one knob's decisions, across restarts: when it may be tried again.
///
/// A knob that turned round three times in eight decisions is not being tuned but following noise, or two domains that
/// undo each other: it is left alone for a day.
///
/// Threads: one.
class KnobMemory {
 public:
  static constexpr std::size_t kDecisions = 8;
  static constexpr std::size_t kReversals = 3;
  static constexpr std::chrono::hours kFreeze{24};

  /// 1 for a step up that was kept, -1 for one down, 0 for a trial that kept nothing; the latest is last.
  std::vector<int> decisions;
  Ladder down;
  Ladder up;
  Time frozen_until{};
  std::size_t reversals = 0;  ///< Ever.

  static constexpr auto fields() {
    return std::tuple(field("decisions", &KnobMemory::decisions), field("down", &KnobMemory::down),
                      field("up", &KnobMemory::up), field("frozen_until", &KnobMemory::frozen_until),
                      field("reversals", &KnobMemory::reversals));
  }

  [[nodiscard]] Ladder &ladder(Direction direction) { return direction == Direction::up ? up : down; }
  [[nodiscard]] Ladder const &ladder(Direction direction) const { return direction == Direction::up ? up : down; }
  [[nodiscard]] bool frozen(Time now) const { return now < frozen_until; }

  /// How many trials that were kept went this way, with nothing between them and now.
  [[nodiscard]] std::size_t streak(Direction direction) const;

  void pass() {
    down.pass();
    up.pass();
  }
  void kept(Direction direction, Time now);
  void failed(Direction direction);
  /// The load has become another one: what failed may help now, and to turn round is no sign of indecision. A freeze
  /// goes on.
  void shifted() {
    down = {};
    up = {};
    decisions.clear();
  }

 private:
  void decide(int decision);
  [[nodiscard]] std::size_t recent_reversals() const;
};

}  // namespace tableforge::tuner
