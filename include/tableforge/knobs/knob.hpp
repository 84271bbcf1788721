#pragma once

#include <atomic>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include "tableforge/base/check.hpp"
#include "tableforge/knobs/any_knob.hpp"
#include "tableforge/knobs/knob_set.hpp"

namespace tableforge {

namespace detail {
template <class T>
struct KnobRep {
  using Type = T;
};
template <class Rep, class Period>
struct KnobRep<std::chrono::duration<Rep, Period>> {
  using Type = Rep;
};
}  // namespace detail

/// A live number: bounded, and safe at every value within its bounds.
///
/// Readers take `Knob<T> const &`; whoever holds it without const may write.
///
/// Threads: any. Relaxed is enough: a knob is an advisory number, nobody infers other memory from it.
/// Errors:  Errc::invalid for a value out of bounds; the old value stays.
template <class T>
  requires std::same_as<T, std::size_t> || std::same_as<T, double> || std::same_as<T, std::chrono::microseconds> ||
           std::same_as<T, std::chrono::milliseconds>
class Knob final : public AnyKnob {
 public:
  using Rep = typename detail::KnobRep<T>::Type;

  struct Spec {
    std::string_view name;
    std::string_view unit;
    std::string_view help;
    Rep min;
    Rep max;
    Rep initial;
  };

  explicit Knob(Spec spec) : spec_(spec), value_(spec.initial) {
    TF_CHECK(spec.min <= spec.initial && spec.initial <= spec.max);
  }
  Knob(KnobSet &set, Spec spec) : Knob(spec) { set.enlist(*this); }

  [[nodiscard]] T get() const { return T(value_.load(std::memory_order_relaxed)); }

  [[nodiscard]] Result<void> set(T value) {
    Rep const raw = to_rep(value);
    // Written so that a NaN, which compares false with everything, is refused.
    if (!(raw >= spec_.min && raw <= spec_.max)) return fail(Errc::invalid, "the value is out of the knob's bounds");
    value_.store(raw, std::memory_order_relaxed);
    return {};
  }

  [[nodiscard]] KnobInfo info() const override {
    return {spec_.name, spec_.unit, spec_.help, as_double(spec_.min), as_double(spec_.max), as_double(spec_.initial)};
  }
  [[nodiscard]] double number() const override { return as_double(value_.load(std::memory_order_relaxed)); }
  [[nodiscard]] Result<void> set_number(double number) override {
    // Checked as a double first: converting one that does not fit is undefined.
    if (!(number >= as_double(spec_.min) && number <= as_double(spec_.max))) {
      return fail(Errc::invalid, "the value is out of the knob's bounds");
    }
    if constexpr (std::integral<Rep>) {
      if (std::trunc(number) != number) return fail(Errc::invalid, "the knob takes whole numbers only");
    }
    return set(T(static_cast<Rep>(number)));
  }

 private:
  static Rep to_rep(T value) {
    if constexpr (std::is_arithmetic_v<T>) {
      return value;
    } else {
      return value.count();
    }
  }
  static double as_double(Rep value) { return static_cast<double>(value); }

  Spec spec_;
  std::atomic<Rep> value_;
};

}  // namespace tableforge
