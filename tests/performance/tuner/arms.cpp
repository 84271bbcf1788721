#include "performance/tuner/arms.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "tableforge/tuner/cache_domain.hpp"
#include "tableforge/tuner/memory_record.hpp"
#include "tableforge/tuner/tuner.hpp"

namespace tableforge::test {

namespace {

constexpr Time kBegin = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26));

constexpr double kNaiveSeconds = 900;
/// Whoever begins with nothing in the cache loads everything, whatever the lifetime: that is none of theirs.
constexpr double kColdSeconds = 60;

Time to_time(double seconds) { return kBegin + std::chrono::microseconds(std::llround(seconds * 1e6)); }
double to_seconds(Time time) { return std::chrono::duration<double>(time - kBegin).count(); }

std::size_t bucket_of(double seconds) { return static_cast<std::size_t>(seconds / kBucketSeconds); }

double phase_begin_s(Scenario const &scenario, std::size_t phase) {
  double hours = 0;
  for (std::size_t i = 0; i < phase; ++i) hours += scenario.phases[i].hours;
  return hours * 3600;
}

/// Plays the load to the cache, and lets `act(now)` do something whenever it wants to; it returns when that is next.
Run play(Scenario const &scenario, std::uint64_t seed, VirtualCache &cache, tuner::Weights const &weights,
         std::function<double(double)> const &act) {
  Run run;
  Load load(scenario, seed);
  Load::Read read{};
  double next_act = act(0);
  double next_roll = 60;
  double next_look = 10;
  double misses_before = 0;
  std::size_t begun = 0;
  Truth before;
  auto const close_bucket = [&] {
    Truth const &now = cache.truth();
    run.costs.push_back(now.cost(cache.costs(), weights) - before.cost(cache.costs(), weights));
    run.stale.push_back(now.stale - before.stale);
    run.misses.push_back(now.misses - before.misses);
    before = now;
  };
  while (load.next(read)) {
    while (std::min({next_roll, next_act, next_look}) <= read.at) {
      if (next_look <= std::min(next_roll, next_act)) {
        if (next_look > kColdSeconds) {
          run.worst_p99_ms = std::max(run.worst_p99_ms, p99_ms(cache.truth().misses - misses_before));
        }
        misses_before = cache.truth().misses;
        next_look += 10;
      } else if (next_roll <= next_act) {
        cache.roll();
        next_roll += 60;
      } else {
        next_act = act(next_act);
      }
    }
    if (bucket_of(read.at) >= begun) {
      if (begun > 0) close_bucket();
      begun = bucket_of(read.at) + 1;
    }
    cache.read(read);
  }
  close_bucket();
  return run;
}

}  // namespace

double p99_ms(double misses) {
  double const used = misses * ModelCosts{}.load_db_ms / 1000 / 10 / 2;
  return 5 / (1 - std::min(used, 0.95));
}

double static_ttl_s(std::size_t place) { return 0.1 * std::exp2(static_cast<double>(place) / 2); }

Hindsight::Hindsight(Scenario const &scenario, std::uint64_t seed, tuner::Weights const &weights)
    : by_phase_(scenario.phases.size()), most_misses_(scenario.phases.size()) {
  ModelCosts const model;
  double const miss = weights.db_ms * model.load_db_ms + weights.cpu_ms * model.load_cpu_ms;
  double const hit = weights.cpu_ms * model.hit_cpu_ms;
  ByPlace ttls;
  for (std::size_t place = 0; place < kStatics; ++place) ttls[place] = static_ttl_s(place);
  std::vector<ByPlace> filled(scenario.keys());
  for (auto &each : filled) each.fill(-1e18);
  Load load(scenario, seed);
  Load::Read read{};
  ByPlace misses{};
  double next_look = 10;
  while (load.next(read)) {
    reads_ += 1;
    if (read.at >= next_look) {
      for (std::size_t place = 0; next_look > kColdSeconds && place < kStatics; ++place) {
        auto &most = most_misses_[read.phase][place];
        most = std::max(most, misses[place]);
      }
      misses.fill(0);
      next_look += 10;
    }
    auto const number = bucket_of(read.at);
    if (number >= costs_.size()) {
      costs_.resize(number + 1);
      reads_by_bucket_.resize(number + 1);
    }
    reads_by_bucket_[number] += 1;
    auto &parts = costs_[number];
    if (parts.empty() || parts.back().phase != read.phase) parts.push_back({read.phase, {}});
    auto &cost = parts.back().cost;
    auto &fills = filled[read.key];
    for (std::size_t place = 0; place < kStatics; ++place) {
      bool const missed = read.at - fills[place] >= ttls[place];
      bool const stale = read.last_write > fills[place];
      cost[place] += missed ? miss : hit + (stale ? weights.stale_read : 0);
      fills[place] = missed ? read.at : fills[place];
      misses[place] += missed ? 1 : 0;
    }
  }
  for (auto const &parts : costs_) {
    for (auto const &part : parts) {
      for (std::size_t place = 0; place < kStatics; ++place) by_phase_[part.phase][place] += part.cost[place];
    }
  }
}

double Hindsight::bucket_cost(std::size_t place, std::size_t bucket) const {
  double sum = 0;
  for (auto const &part : costs_[bucket]) sum += part.cost[place];
  return sum;
}

double Hindsight::bucket_oracle(std::size_t bucket) const {
  double sum = 0;
  for (auto const &part : costs_[bucket]) sum += part.cost[best_of_phase(part.phase)];
  return sum;
}

double Hindsight::oracle_ttl_s(std::size_t bucket) const {
  return static_ttl_s(best_of_phase(costs_[bucket].front().phase));
}

double Hindsight::oracle_worst_p99_ms() const {
  double most = 0;
  for (std::size_t phase = 0; phase < by_phase_.size(); ++phase) {
    most = std::max(most, most_misses_[phase][best_of_phase(phase)]);
  }
  return p99_ms(most);
}

std::size_t Hindsight::best_of_phase(std::size_t phase) const {
  return static_cast<std::size_t>(std::ranges::min_element(by_phase_[phase]) - by_phase_[phase].begin());
}

double Hindsight::most_misses_of(std::size_t place) const {
  double most = 0;
  for (auto const &misses : most_misses_) most = std::max(most, misses[place]);
  return most;
}

double Hindsight::cost(std::size_t place, std::size_t from) const {
  double sum = 0;
  for (std::size_t bucket = from; bucket < costs_.size(); ++bucket) sum += bucket_cost(place, bucket);
  return sum;
}

std::size_t Hindsight::best_static(std::size_t from) const {
  std::size_t best = 0;
  for (std::size_t place = 1; place < kStatics; ++place) {
    if (cost(place, from) < cost(best, from)) best = place;
  }
  return best;
}

double Hindsight::oracle(std::size_t from) const {
  double sum = 0;
  for (std::size_t bucket = from; bucket < costs_.size(); ++bucket) sum += bucket_oracle(bucket);
  return sum;
}

double Hindsight::excess(std::size_t phase, double ttl_s) const {
  auto const &costs = by_phase_[phase];
  double const at = std::clamp(2 * std::log2(ttl_s / 0.1), 0.0, kStatics - 1.001);
  auto const place = static_cast<std::size_t>(at);
  double const cost = std::lerp(costs[place], costs[place + 1], at - static_cast<double>(place));
  return cost / std::ranges::min(costs) - 1;
}

double Run::cost(std::size_t from) const {
  return std::accumulate(costs.begin() + static_cast<std::ptrdiff_t>(from), costs.end(), 0.0);
}

double Run::ttl_s(std::size_t bucket) const {
  double const end = static_cast<double>(bucket + 1) * kBucketSeconds;
  double ttl = 0;
  for (Decision const &decision : decisions) {
    if (decision.at_s < end) ttl = decision.ttl_s;
  }
  return ttl;
}

std::optional<Run::Convergence> Run::converged(Scenario const &scenario, Hindsight const &hindsight,
                                               std::size_t phase) const {
  double const begin = phase_begin_s(scenario, phase);
  double const end = begin + scenario.phases[phase].hours * 3600;
  double ttl = 0;
  std::size_t count = 0;
  double since = begin;
  for (Decision const &decision : decisions) {
    if (decision.at_s >= end) break;
    if (decision.at_s > begin) {
      if (hindsight.excess(phase, ttl) <= 0.1) break;
      ++count;
      since = decision.at_s;
    }
    ttl = decision.ttl_s;
  }
  if (hindsight.excess(phase, ttl) > 0.1) return std::nullopt;
  return Convergence{count, (since - begin) / 3600};
}

double Run::detour(double begin_s) const {
  double way = 0;
  double last = begin_s;
  for (Decision const &decision : decisions) {
    way += std::abs(std::log(decision.ttl_s / last));
    last = decision.ttl_s;
  }
  double const net = std::abs(std::log(last / begin_s));
  return net > 0 ? way / net : way > 0 ? std::numeric_limits<double>::infinity() : 1;
}

Run run_naive(Scenario const &scenario, std::uint64_t seed, double ttl_s, tuner::Weights const &weights) {
  VirtualCache cache(ttl_s, seed, scenario.keys());
  double ttl = ttl_s;
  std::vector<Decision> decisions{{0, ttl_s, true}};
  auto run = play(scenario, seed, cache, weights, [&](double now) {
    if (now > 0) {
      double const hits = cache.hit_share_lately();
      double const before = ttl;
      if (hits < 0.7) ttl = std::min(ttl * 1.5, 300.0);
      if (hits > 0.95) ttl = std::max(ttl / 1.5, 0.05);
      if (ttl != before) {
        cache.set_ttl(ttl * 1000);
        decisions.push_back({now, ttl, true});
      }
    }
    return now + kNaiveSeconds;
  });
  run.decisions = std::move(decisions);
  return run;
}

Run run_tuner(Scenario const &scenario, std::uint64_t seed, double ttl_s, tuner::Weights const &weights) {
  VirtualCache cache(ttl_s, seed, scenario.keys());
  tuner::CacheDomain domain({&cache}, cache, {.hit_cpu_ms = ModelCosts{}.hit_cpu_ms});
  tuner::MemoryRecord record;
  tuner::TunerOptions options{.mode = tuner::Mode::auto_, .weights = weights, .seed = seed};
  if (char const *const power = std::getenv("TABLEFORGE_TUNER_STEP_POWER")) {
    options.step_power_max = std::strtod(power, nullptr);
  }
  tuner::Tuner tuner({{domain, tuner::CronSchedule::parse("*/15 * * * *").value()}}, record, options);
  auto const started = tuner.start(kBegin);
  if (!started) throw std::runtime_error("the tuner did not start");
  auto run = play(scenario, seed, cache, weights, [&](double now) {
    // As the server does it, only that it looks every second: a domain is asked for alarms at each advance.
    return std::min(to_seconds(tuner.advance(to_time(now))), now + 10);
  });
  double ttl = ttl_s;
  run.decisions = {{0, ttl_s, true}};
  for (tuner::Action const &line : record.lines()) {
    if (line.state == tuner::ActionState::trial) {
      ++run.trials;
      continue;
    }
    bool const kept = line.state == tuner::ActionState::kept;
    if (kept) ttl = line.changes.front().to / 1000;
    auto const &change = line.changes.front();
    run.decisions.push_back({to_seconds(line.at), ttl, kept,
                             std::to_string(change.from / 1000) + " -> " + std::to_string(change.to / 1000) + " " +
                                 std::string(word(line.verdict.value_or(tuner::Verdict::abandoned))) + ": " +
                                 line.reason});
  }
  run.reversals = tuner.knob_state(cache.ttl().name)->memory.reversals;
  return run;
}

}  // namespace tableforge::test
