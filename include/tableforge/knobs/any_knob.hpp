#pragma once

#include <string_view>

#include "tableforge/base/result.hpp"

namespace tableforge {

/// What a knob says about itself. The texts are literals.
struct KnobInfo {
  std::string_view name;
  std::string_view unit;
  std::string_view help;
  double min;
  double max;
  double initial;
};

/// A knob without its type: what the admin route, the exporter and the tuner see.
///
/// Threads: any.
class AnyKnob {
 public:
  AnyKnob(AnyKnob const &) = delete;
  AnyKnob &operator=(AnyKnob const &) = delete;

  [[nodiscard]] virtual KnobInfo info() const = 0;
  /// The value in the knob's own unit.
  [[nodiscard]] virtual double number() const = 0;
  /// Errc::invalid for a number out of bounds, a fraction where the knob counts whole units, or not a number.
  [[nodiscard]] virtual Result<void> set_number(double number) = 0;

 protected:
  AnyKnob() = default;
  ~AnyKnob() = default;
};

}  // namespace tableforge
