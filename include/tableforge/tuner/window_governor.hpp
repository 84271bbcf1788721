#pragma once

#include <optional>

#include "tableforge/base/time.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/tuner/fanout.hpp"
#include "tableforge/tuner/mode.hpp"
#include "tableforge/tuner/window_law.hpp"

namespace tableforge::tuner {

/// Turns, once a second, the knobs by which windows follow the latency: the inner law, where the tuner may act.
///
/// It acts in mode auto, and gives the boot values back in any other. It leaves a knob alone for good that somebody
/// else turned.
///
/// Threads: the tuner's.
class WindowGovernor {
 public:
  WindowGovernor(Fanout const &fanout, Knobs &knobs);

  /// May be called at any time; does something once a second.
  void step(Time now, Mode mode);
  /// The boot values.
  void end();

 private:
  /// A knob, and what was made of it.
  template <class T>
  struct Held {
    Knob<T> &knob;
    double boot;
    double mine;
    bool lost = false;
    void set(double value);
  };

  [[nodiscard]] WindowLaw::Second second();

  Fanout const &fanout_;
  Knobs const &knobs_;
  Held<std::chrono::microseconds> allowance_;
  Held<double> batch_least_;
  Held<double> gather_min_;
  FanoutCounts seen_;
  std::optional<Time> next_;
  std::optional<WindowLaw> law_;  ///< While it acts.
};

}  // namespace tableforge::tuner
