#pragma once

#include <algorithm>
#include <tuple>

#include "tableforge/base/fields.hpp"

namespace tableforge::tuner {

/// How long one direction of one knob is left alone after trials that kept nothing: 1, 2, 4 … 64 periods of its
/// domain's schedule. A trial that is kept clears it; one that was invalid says nothing, and changes nothing.
///
/// Threads: one.
struct Ladder {
  static constexpr int kPeriodsMax = 64;

  int rest = 0;  ///< Periods that are still to pass; 1 means that the next may try again.
  int next_rest = 1;

  static constexpr auto fields() {
    return std::tuple(field("rest", &Ladder::rest), field("next_rest", &Ladder::next_rest));
  }

  [[nodiscard]] bool open() const { return rest == 0; }
  /// A period has begun.
  void pass() { rest = std::max(0, rest - 1); }
  void failed() {
    rest = next_rest;
    next_rest = std::min(next_rest * 2, kPeriodsMax);
  }
  void kept() { *this = {}; }

  friend bool operator==(Ladder const &, Ladder const &) = default;
};

}  // namespace tableforge::tuner
