#pragma once

#include <string_view>
#include <vector>

#include "tableforge/knobs/any_knob.hpp"

namespace tableforge {

/// The knobs that were declared as its members, in the order of their declaration.
///
/// A const set hands out const knobs, so that who may write is decided by who holds the set without const.
///
/// Threads: filled while it is constructed, then any.
/// Owns:    nothing; the knobs are members of the struct that derives from it, and neither can be copied or moved.
class KnobSet {
 public:
  KnobSet() = default;
  KnobSet(KnobSet const &) = delete;
  KnobSet &operator=(KnobSet const &) = delete;

  template <class F>
  void for_each(F &&f) const {
    for (AnyKnob const *knob : knobs_) f(*knob);
  }
  template <class F>
  void for_each(F &&f) {
    for (AnyKnob *knob : knobs_) f(*knob);
  }

  /// nullptr if no knob has that name.
  [[nodiscard]] AnyKnob const *find(std::string_view name) const;
  [[nodiscard]] AnyKnob *find(std::string_view name);

  /// Called by a knob as it is constructed. Names are unique.
  void enlist(AnyKnob &knob);

 private:
  std::vector<AnyKnob *> knobs_;
};

}  // namespace tableforge
