#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/config/settings.hpp"
#include "tableforge/tuner/cost.hpp"
#include "tableforge/tuner/cron_schedule.hpp"
#include "tableforge/tuner/mode.hpp"

namespace tableforge::app {

/// What the settings ask of the tuner, read.
struct TunerPlan {
  tuner::Mode mode = tuner::Mode::observe;
  std::optional<tuner::CronSchedule> cache_schedule;
  tuner::Weights weights;
  std::uint64_t config_hash = 0;  ///< Of all settings that decide what is measured, and by which prices.
};

/// What is wrong with them, a sentence each that names the flag.
[[nodiscard]] std::vector<std::string> tuner_mistakes(config::Settings const &settings);
/// Of settings without mistakes.
[[nodiscard]] TunerPlan tuner_plan(config::Settings const &settings);

}  // namespace tableforge::app
