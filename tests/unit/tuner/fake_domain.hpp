#pragma once

#include <array>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tableforge/tuner/domain.hpp"

namespace tableforge::tuner::test {

/// A server with two knobs whose cost is known: 10 ms a request at `best`, and more by a parabola in the logarithm.
/// What is applied is in here and not in the tuner, as if it outlived the process.
class FakeDomain : public Domain {
 public:
  explicit FakeDomain(std::string name = "fake", CouplingGroup group = CouplingGroup::cache_and_database)
      : name_(std::move(name)), group_(group) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] CouplingGroup group() const override { return group_; }
  [[nodiscard]] std::span<Guard const> guards() const override { return guards_; }
  [[nodiscard]] double requests_min() const override { return 10; }
  [[nodiscard]] std::vector<KnobValue> knobs() const override {
    return {{"size", value.at("size"), 100, 1, 10'000}, {"idle", value.at("idle"), 5, 1, 10}};
  }
  [[nodiscard]] Cost total() const override { return total_; }
  Alarm look(Time) override { return std::exchange(alarm, Alarm::none); }

  [[nodiscard]] Ranking rank(Time, Weights const &, StepLimits const &) override {
    ++ranked;
    Ranking ranking{.candidates = {}, .idle = {{"idle", "it has no model"}}};
    if (!proposes) {
      ranking.idle.push_back({"size", "nothing promises anything"});
      return ranking;
    }
    double const now = value.at("size");
    double const to = propose_to > 0 ? propose_to : best;
    ranking.candidates.push_back(
        {.changes = {{"size", now, to}},
         .kind = kind,
         .settling = std::chrono::seconds(1),
         .log_ratio = {.mean = -predicted, .low = -2 * predicted, .high = gain_is_sure ? -predicted / 2 : 0, .n = 1000},
         .counted = counted,
         .now = {},
         .predicted = {}});
    return ranking;
  }

  [[nodiscard]] Result<Applied> apply(std::vector<Change> const &changes, Exposure const &exposure) override {
    ++applied;
    if (apply_fails) return fail(Errc::unavailable, "it cannot be applied");
    if (under_way > 0) {
      --under_way;
      return Applied::under_way;
    }
    tried = changes;
    exposed = exposure;
    exposures.push_back(exposure);
    return Applied::done;
  }
  void begin_reading(Time now) override { began_ = now; }
  [[nodiscard]] Reading end_reading(Time now) override {
    double const seconds = std::chrono::duration<double>(now - began_).count();
    double const load = level * (exposed.share >= 1 || exposed.share <= 0 ? 1 : exposed.share) * seconds * 100;
    Reading reading;
    if (exposed.share < 1) reading.control = side(load, value.at("size"));
    if (exposed.share > 0)
      reading.treated = side(load, tried.empty() || !exposed.armed ? value.at("size") : tried.front().to);
    return reading;
  }

  [[nodiscard]] Result<void> keep(std::vector<Change> const &changes) override {
    ++kept;
    if (keep_fails) return fail(Errc::unavailable, "it cannot be kept");
    for (Change const &change : changes) value[change.knob] = change.to;
    tried.clear();
    exposed = {};
    return {};
  }
  [[nodiscard]] Result<void> undo(std::vector<Change> const &changes) override {
    if (undo_fails > 0) {
      --undo_fails;
      return fail(Errc::unavailable, "it cannot be undone");
    }
    ++undone;
    for (Change const &change : changes) value[change.knob] = change.from;
    tried.clear();
    exposed = {};
    return {};
  }

  std::map<std::string, double> value{{"size", 100}, {"idle", 5}};
  std::vector<Change> tried;
  Exposure exposed;
  std::vector<Exposure> exposures;

  Alarm alarm = Alarm::none;
  bool proposes = true;
  double propose_to = 0;
  double predicted = 0.2;
  bool gain_is_sure = false;
  bool counted = false;
  double best = 1000;
  double level = 1;
  double noise = 0.005;
  TrialKind kind = TrialKind::cohort;
  bool apply_fails = false;
  bool keep_fails = false;
  int under_way = 0;
  int undo_fails = 0;
  int ranked = 0;
  int applied = 0;
  int kept = 0;
  int undone = 0;

 private:
  SideReading side(double requests, double size) {
    std::normal_distribution<double> off(0, noise);
    double const distance = std::log(size / best);
    double const each = level * 10 * (1 + 0.1 * distance * distance) * std::exp(off(random_));
    SideReading reading{{.requests = requests, .db_ms = each * requests}, {20, 0, 1e8}};
    total_ += reading.cost;
    return reading;
  }

  std::string name_;
  CouplingGroup group_;
  std::array<Guard, 3> guards_{kLatencyGuard, kErrorGuard, kMemoryGuard};
  std::mt19937_64 random_{7};
  Time began_{};
  Cost total_;
};

}  // namespace tableforge::tuner::test
