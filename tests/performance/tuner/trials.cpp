#include "performance/tuner/trials.hpp"

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "tableforge/tuner/cache_domain.hpp"
#include "tableforge/tuner/memory_record.hpp"
#include "tableforge/tuner/tuner.hpp"

#include "performance/tuner/load.hpp"
#include "performance/tuner/virtual_cache.hpp"

namespace tableforge::test {

namespace {

using namespace tuner;

constexpr Time kEpoch = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26));
constexpr LoadPhase kLoad{.hours = 1e9, .reads_per_s = 300, .writes_per_s = 40};

/// The cache's domain with a mind of its own: proposes what it is told to, and nothing else.
class Proposer final : public Domain {
 public:
  Proposer(CacheDomain &cache, VirtualCache &knob, TrialKind kind, double factor, bool swaps)
      : cache_(cache), knob_(knob), kind_(kind), factor_(factor), swaps_(swaps) {}

  [[nodiscard]] std::string_view name() const override { return cache_.name(); }
  [[nodiscard]] CouplingGroup group() const override { return cache_.group(); }
  [[nodiscard]] std::span<Guard const> guards() const override { return cache_.guards(); }
  [[nodiscard]] double requests_min() const override { return cache_.requests_min(); }
  [[nodiscard]] std::vector<KnobValue> knobs() const override { return cache_.knobs(); }
  [[nodiscard]] Cost total() const override { return cache_.total(); }
  [[nodiscard]] Ranking rank(Time, Weights const &, StepLimits const &) override {
    double const now = knob_.ttl().value;
    Candidate candidate{.changes = {{knob_.ttl().name, now, std::round(now * factor_)}},
                        .kind = kind_,
                        .settling = std::chrono::milliseconds(std::llround(now * std::max(1.0, factor_))),
                        .log_ratio = {.mean = std::log(0.8), .low = std::log(0.7), .high = std::log(0.9), .n = 10'000},
                        .now = {},
                        .predicted = {}};
    return {.candidates = {std::move(candidate)}, .idle = {}};
  }
  [[nodiscard]] Result<Applied> apply(std::vector<Change> const &changes, Exposure const &exposure) override {
    Exposure given = exposure;
    given.swapped = swaps_ && exposure.swapped;
    return cache_.apply(changes, given);
  }
  void begin_reading(Time now) override { cache_.begin_reading(now); }
  [[nodiscard]] Reading end_reading(Time now) override { return cache_.end_reading(now); }
  [[nodiscard]] Result<void> keep(std::vector<Change> const &changes) override { return cache_.keep(changes); }
  [[nodiscard]] Result<void> undo(std::vector<Change> const &changes) override { return cache_.undo(changes); }

 private:
  CacheDomain &cache_;
  VirtualCache &knob_;
  TrialKind kind_;
  double factor_;
  bool swaps_;
};

/// One trial after the other of the same step from the same lifetime, whatever the verdict was.
void try_step(double ttl_s, double factor, TrialKind kind, std::size_t trials, std::uint64_t seed, Trials &result,
              bool swaps = true) {
  VirtualCache cache(ttl_s, seed);
  CacheDomain domain({&cache}, cache, {.hit_cpu_ms = ModelCosts{}.hit_cpu_ms});
  Proposer proposer(domain, cache, kind, factor, swaps);
  Load load({"", ttl_s, {kLoad}}, seed);
  Load::Read read{};
  double now = 0;
  double next_roll = 60;
  // Until the staleness of each age is known.
  auto const play_until = [&](double until) {
    while (now < until && load.next(read)) {
      now = read.at;
      if (now >= next_roll) {
        cache.roll();
        next_roll += 60;
      }
      cache.read(read);
    }
  };
  play_until(900);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    MemoryRecord record;
    Tuner tuner({{proposer, std::nullopt}}, record, {.mode = Mode::auto_, .seed = seed * 1'000 + trial});
    auto const at = [&] { return kEpoch + std::chrono::microseconds(std::llround(now * 1e6)); };
    if (!tuner.start(at()) || !tuner.run("cache", at(), false)->began) throw std::runtime_error("no trial began");
    while (tuner.trial("cache") != nullptr) {
      auto const next = tuner.advance(at());
      if (tuner.trial("cache") == nullptr) break;
      play_until(std::chrono::duration<double>(next - kEpoch).count());
    }
    Action const &outcome = record.lines().back();
    ++result.verdicts[*outcome.verdict];
    cache.set_ttl(std::round(ttl_s * 1000));
  }
}

}  // namespace

std::size_t Trials::count() const {
  std::size_t sum = 0;
  for (auto const &[verdict, count] : verdicts) sum += count;
  return sum;
}

std::size_t Trials::kept() const {
  auto const found = verdicts.find(Verdict::keep);
  return found == verdicts.end() ? 0 : found->second;
}

Trials try_placebo(TrialKind kind, std::size_t trials, std::uint64_t seed) {
  Trials result;
  try_step(4, 1, kind, trials, seed, result);
  return result;
}

Trials try_placebo_unswapped(std::size_t trials, std::uint64_t seed) {
  Trials result;
  try_step(4, 1, TrialKind::cohort, trials, seed, result, false);
  return result;
}

Trials try_sabotage(std::size_t trials, std::uint64_t seed) {
  Trials result;
  // The best of this load lies beyond 40 s, so shorter is worse.
  for (double const ttl : {1.0, 3.0, 8.0, 20.0}) {
    try_step(ttl, 1 / 1.5, TrialKind::cohort, trials / 4, seed++, result);
  }
  return result;
}

Trials try_help(std::size_t trials, std::uint64_t seed) {
  Trials result;
  try_step(3, 1.5, TrialKind::cohort, trials, seed, result);
  return result;
}

}  // namespace tableforge::test
