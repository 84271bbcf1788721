#pragma once

#include <algorithm>
#include <chrono>

#include "tableforge/knobs/knobs.hpp"

namespace tableforge {

/// What bounds the window of any table: the knobs together.
struct GatheringRule {
  std::chrono::microseconds window_max{};
  double batch = 1;       ///< Messages.
  double gather_min = 0;  ///< Messages within window_max.
};

[[nodiscard]] inline GatheringRule gathering_rule(Knobs const &knobs) {
  return {
      .window_max = std::min<std::chrono::microseconds>(knobs.presence_window.get(), knobs.presence_allowance.get()),
      .batch = std::max(knobs.presence_batch.get(), knobs.presence_batch_least.get()),
      .gather_min = knobs.presence_gather_min.get()};
}

/// How long presence waits for more at a table that has some `rate` times a second: until `batch` have come, within
/// the rule's longest; not at all where hardly any would come, since that is a delay and saves nothing. With the rate
/// r and the window w, one write carries 1 + r·w of them.
[[nodiscard]] inline std::chrono::microseconds gathering_window(double rate, GatheringRule const &rule) {
  if (rate <= 0) return rule.batch > 1 ? rule.window_max : std::chrono::microseconds(0);
  double const longest_us = static_cast<double>(rule.window_max.count());
  if (rate * longest_us < rule.gather_min * 1e6) return std::chrono::microseconds(0);
  double const full_us = (rule.batch - 1) / rate * 1e6;
  return std::chrono::microseconds(static_cast<std::chrono::microseconds::rep>(std::min(full_us, longest_us)));
}

}  // namespace tableforge
