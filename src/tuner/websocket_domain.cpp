#include "tableforge/tuner/websocket_domain.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "tableforge/knobs/gathering_window.hpp"
#include "tableforge/tuner/step.hpp"

#include "tuner/words.hpp"

namespace tableforge::tuner {

namespace {

/// How long presence waits is known again a second after a knob was turned, and tables know their rates by then too.
constexpr std::chrono::milliseconds kSettling{2'000};
constexpr std::array kBatches{1.0, 2.0, 4.0, 8.0, 16.0};
constexpr std::array kShares{0.1, 0.2, 0.3, 0.4, 0.5};
/// Less than this is no difference, but how a sum was rounded.
constexpr double kNoDifference = 1e-9;

/// The milliseconds by which values exceeded the objective, all together, by quarters of a power of two.
double excess_ms(metrics::HistogramSnapshot const &values, double objective_ms) {
  double excess = 0;
  double from = objective_ms * 1e6;
  auto below = values.count_at_most(static_cast<std::uint64_t>(from));
  while (below < values.count()) {
    double const to = from * std::exp2(0.25);
    auto const until = values.count_at_most(static_cast<std::uint64_t>(to));
    excess += static_cast<double>(until - below) * ((from + to) / 2e6 - objective_ms);
    below = until;
    from = to;
  }
  return excess;
}

std::string digits(double value) { return number_text(std::round(value * 100) / 100); }

}  // namespace

/// What the tables did lately, and what other windows would have made of it.
struct WebsocketDomain::Evidence {
  struct Band {
    double rate = 0;
    double seconds = 0;
  };
  std::vector<Band> bands;  ///< By powers of two.
  double table_seconds = 0;
  double presence = 0;  ///< Turns.
  double delivered = 0;
  double base_ms = 0;  ///< The p99 of actions.
  Cost cost;

  Evidence(FanoutCounts const &now, FanoutCounts const &then, Cost const &spent) : cost(spent) {
    auto const rates = now.rates.since(then.rates);
    table_seconds = static_cast<double>(rates.count());
    delivered = now.delivered - then.delivered;
    base_ms = static_cast<double>(now.answers.since(then.answers).quantile(0.99)) / 1e6;
    std::uint64_t below = 0;
    for (std::uint64_t rate = 1; below < rates.count(); rate *= 2) {
      auto const until = rates.count_at_most(rate);
      if (until > below) bands.push_back({static_cast<double>(rate) * 0.75, static_cast<double>(until - below)});
      below = until;
    }
    for (Band const &band : bands) presence += band.rate * band.seconds;
  }
  /// The share of presence that is written by itself.
  [[nodiscard]] double writes(GatheringRule const &rule) const {
    double sum = 0;
    for (Band const &band : bands) {
      double const window = std::chrono::duration<double>(gathering_window(band.rate, rule)).count();
      sum += band.seconds * band.rate / (1 + band.rate * window);
    }
    return presence > 0 ? sum / presence : 1;
  }
};

WebsocketDomain::WebsocketDomain(Fanout const &fanout, VitalSigns &vitals, Knobs &knobs, Options const &options)
    : fanout_(fanout),
      vitals_(vitals),
      knobs_(knobs),
      options_(options),
      tuned_{Tuned{knobs.presence_batch, knobs.presence_batch.get()},
             Tuned{knobs.presence_budget_share, knobs.presence_budget_share.get()}},
      first_(fanout.counts()),
      older_(first_),
      newer_(first_) {}

KnobValue WebsocketDomain::value_of(Tuned const &tuned) const {
  auto const info = tuned.knob.info();
  return {
      .name = std::string(info.name), .value = tuned.knob.get(), .boot = tuned.boot, .min = info.min, .max = info.max};
}

std::vector<KnobValue> WebsocketDomain::knobs() const {
  std::vector<KnobValue> knobs;
  for (Tuned const &tuned : tuned_) knobs.push_back(value_of(tuned));
  return knobs;
}

Cost WebsocketDomain::cost_of(FanoutCounts const &now, FanoutCounts const &then) const {
  double const objective = knobs_.latency_objective.number();
  return {.requests = now.delivered - then.delivered,
          .cpu_ms = now.cpu_ms - then.cpu_ms,
          .slo_excess_ms = excess_ms(now.waits.since(then.waits), objective) +
                           excess_ms(now.answers.since(then.answers), objective)};
}

Cost WebsocketDomain::total() const { return cost_of(fanout_.counts(), first_); }

Alarm WebsocketDomain::look(Time now) {
  if (!rolled_) rolled_ = now;
  if (now - *rolled_ >= options_.epoch) {
    rolled_ = now;
    older_ = std::exchange(newer_, fanout_.counts());
  }
  return Alarm::none;
}

Ranking WebsocketDomain::rank(Time, Weights const &weights, StepLimits const &limits) {
  Ranking ranking;
  auto const now = fanout_.counts();
  Evidence const evidence(now, older_, cost_of(now, older_));
  if (evidence.table_seconds < options_.table_seconds_min) {
    for (Tuned const &tuned : tuned_) {
      ranking.idle.push_back({value_of(tuned).name, "too little presence was shown lately: at all tables together in " +
                                                        number_text(evidence.table_seconds) + " seconds of theirs"});
    }
    return ranking;
  }
  for (Tuned const &tuned : tuned_) propose(tuned, evidence, weights, limits, ranking);
  std::ranges::sort(ranking.candidates, std::greater{}, &Candidate::predicted_gain);
  return ranking;
}

void WebsocketDomain::propose(Tuned const &tuned, Evidence const &evidence, Weights const &weights,
                              StepLimits const &limits, Ranking &ranking) const {
  auto const knob = value_of(tuned);
  bool const is_share = &tuned.knob == &knobs_.presence_budget_share;
  double const longest_ms = knobs_.presence_window.number();
  double const left_ms = std::max(0.0, knobs_.latency_objective.number() - evidence.base_ms);
  auto const rule_with = [&](double value) {
    double const share = is_share ? value : knobs_.presence_budget_share.get();
    return GatheringRule{.window_max = std::chrono::microseconds(
                             static_cast<std::int64_t>(std::min(longest_ms, share * left_ms) * 1000)),
                         .batch = is_share ? knobs_.presence_batch.get() : value,
                         .gather_min = knobs_.presence_gather_min.get()};
  };
  double const writes = evidence.writes(rule_with(knob.value));
  double best = knob.value;
  for (double const value : is_share ? std::span<double const>(kShares) : std::span<double const>(kBatches)) {
    if (evidence.writes(rule_with(value)) < evidence.writes(rule_with(best)) - kNoDifference) best = value;
  }
  auto const idle = [&](std::string reason) { ranking.idle.push_back({knob.name, std::move(reason)}); };
  if (best == knob.value) {
    idle("no other value would save a write: " + digits(100 * writes) + " of 100 presence messages are written by " +
         "themselves, in windows of " +
         digits(std::chrono::duration<double, std::milli>(rule_with(knob.value).window_max).count()) + " ms at most");
    return;
  }
  double const step_max = limits.step_max(knob.name, best < knob.value ? Direction::down : Direction::up);
  double const to = std::clamp(limit_step(knob.value, best, step_max), knob.min, knob.max);
  // Of all that is delivered no more than this is presence: each message of it goes to so many.
  double const saved_ms = (writes - evidence.writes(rule_with(to))) * evidence.delivered * options_.write_cpu_ms;
  Candidate candidate{.changes = {{knob.name, knob.value, to}},
                      .kind = TrialKind::switchback,
                      .settling = kSettling,
                      .log_ratio = {},
                      .now = evidence.cost,
                      .predicted = evidence.cost};
  // A process that was idle for long may have cost less than the formula would save.
  candidate.predicted.cpu_ms = std::max(evidence.cost.cpu_ms * 0.1, evidence.cost.cpu_ms - saved_ms);
  double const was = price(candidate.now, weights);
  double const is = price(candidate.predicted, weights);
  if (was <= 0 || is <= 0) {
    idle("what was delivered lately has cost nothing");
    return;
  }
  double const mean = std::log(is / was);
  // What a write costs is known to a third.
  candidate.log_ratio = {
      .mean = mean, .low = mean * 4 / 3, .high = mean * 2 / 3, .n = static_cast<std::size_t>(evidence.table_seconds)};
  ranking.candidates.push_back(std::move(candidate));
}

WebsocketDomain::Tuned const *WebsocketDomain::find(std::string_view knob) const {
  auto const found = std::ranges::find_if(tuned_, [&](Tuned const &each) { return each.knob.info().name == knob; });
  return found == tuned_.end() ? nullptr : &*found;
}

Result<Applied> WebsocketDomain::apply(std::vector<Change> const &changes, Exposure const &exposure) {
  treated_ = exposure.armed && exposure.share >= 1;
  for (Change const &change : changes) {
    auto const *const tuned = find(change.knob);
    if (tuned == nullptr) return fail(Errc::not_found, "there is no such knob of the sockets");
    double const now = tuned->knob.get();
    if (now != change.from && now != change.to) return fail(Errc::conflict, "the knob was turned by hand meanwhile");
    if (auto set = tuned->knob.set(treated_ ? change.to : change.from); !set) return std::unexpected(set.error());
  }
  return Applied::done;
}

void WebsocketDomain::begin_reading(Time now) {
  begun_ = fanout_.counts();
  vitals_.begin(now);
}

Reading WebsocketDomain::end_reading(Time now) {
  auto const vitals = vitals_.end(now);
  SideReading side{cost_of(fanout_.counts(), begun_), {vitals.p99_ms, vitals.error_share, vitals.rss_bytes}};
  Reading reading;
  (treated_ ? reading.treated : reading.control) = std::move(side);
  return reading;
}

Result<void> WebsocketDomain::keep(std::vector<Change> const &changes) {
  for (Change const &change : changes) {
    auto const *const tuned = find(change.knob);
    if (tuned == nullptr) return fail(Errc::not_found, "there is no such knob of the sockets");
    double const now = tuned->knob.get();
    if (now != change.from && now != change.to) return fail(Errc::conflict, "the knob was turned by hand meanwhile");
    if (auto set = tuned->knob.set(change.to); !set) return std::unexpected(set.error());
  }
  return {};
}

Result<void> WebsocketDomain::undo(std::vector<Change> const &changes) {
  for (Change const &change : changes) {
    // Of another version; and whoever turned it by hand meanwhile wins.
    auto const *const tuned = find(change.knob);
    if (tuned == nullptr || tuned->knob.get() != change.to) continue;
    if (auto set = tuned->knob.set(change.from); !set) return std::unexpected(set.error());
  }
  return {};
}

}  // namespace tableforge::tuner
