#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/config/settings.hpp"
#include "tableforge/metrics/words.hpp"
#include "tableforge/tuner/cost.hpp"
#include "tableforge/tuner/cron_schedule.hpp"
#include "tableforge/tuner/mode.hpp"

namespace tableforge::app {

/// What the settings ask of the tuner, read.
struct TunerPlan {
  tuner::Mode mode = tuner::Mode::observe;
  /// By domain; none: it is looked at when an operator says so.
  std::array<std::optional<tuner::CronSchedule>, Words<metrics::TunerDomain>::words.size()> schedules;
  tuner::Weights weights;
  std::uint64_t config_hash = 0;  ///< Of all settings that decide what is measured, and by which prices.

  [[nodiscard]] std::optional<tuner::CronSchedule> const &schedule(metrics::TunerDomain domain) const {
    return schedules[static_cast<std::size_t>(domain)];
  }
};

/// What is wrong with them, a sentence each that names the flag.
[[nodiscard]] std::vector<std::string> tuner_mistakes(config::Settings const &settings);
/// Of settings without mistakes.
[[nodiscard]] TunerPlan tuner_plan(config::Settings const &settings);

}  // namespace tableforge::app
