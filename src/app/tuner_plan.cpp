#include "app/tuner_plan.hpp"

#include <utility>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::app {

namespace {

constexpr std::string_view kNoSchedule = "off";

struct ScheduleSetting {
  std::string_view flag;
  std::string config::Settings::*text;
};
/// In the order of metrics::TunerDomain.
constexpr std::array<ScheduleSetting, Words<metrics::TunerDomain>::words.size()> kSchedules{
    {{"--tuner-cache-schedule", &config::Settings::tuner_cache_schedule},
     {"--tuner-database-schedule", &config::Settings::tuner_database_schedule},
     {"--tuner-websocket-schedule", &config::Settings::tuner_websocket_schedule},
     {"--tuner-memory-schedule", &config::Settings::tuner_memory_schedule}}};

TunerPlan read(config::Settings const &settings, std::vector<std::string> &mistakes) {
  TunerPlan plan;
  if (auto const mode = from_word<tuner::Mode>(settings.tuner)) {
    plan.mode = *mode;
  } else {
    mistakes.emplace_back("--tuner: must be off, observe, dry-run, canary or auto");
  }
  for (std::size_t i = 0; i < kSchedules.size(); ++i) {
    auto const &text = settings.*kSchedules[i].text;
    if (text == kNoSchedule) continue;
    if (auto schedule = tuner::CronSchedule::parse(text)) {
      plan.schedules[i] = *schedule;
    } else {
      mistakes.push_back(std::string(kSchedules[i].flag) + ": " + to_text(schedule.error()));
    }
  }
  StableHash hash;
  for (auto const &[name, value] : settings.tuner_weights) {
    bool known = false;
    for_each_field<tuner::Weights>([&](auto const &each) {
      if (each.name != name) return;
      known = true;
      plan.weights.*each.member = value;
    });
    if (!known) mistakes.push_back("--tuner-weight: there is no price \"" + name + "\"");
    if (!(value >= 0)) mistakes.push_back("--tuner-weight " + name + ": must not be negative");
  }
  for_each_field<tuner::Weights>([&](auto const &each) { hash.add(plan.weights.*each.member); });
  for (auto const &[name, value] : settings.knobs) hash.add(std::string_view(name)).add(value);
  hash.add(static_cast<std::uint64_t>(settings.tuner_block.count())).add(std::uint64_t{settings.io_threads});
  plan.config_hash = hash.value();
  return plan;
}

}  // namespace

std::vector<std::string> tuner_mistakes(config::Settings const &settings) {
  std::vector<std::string> mistakes;
  static_cast<void>(read(settings, mistakes));
  return mistakes;
}

TunerPlan tuner_plan(config::Settings const &settings) {
  std::vector<std::string> mistakes;
  return read(settings, mistakes);
}

}  // namespace tableforge::app
