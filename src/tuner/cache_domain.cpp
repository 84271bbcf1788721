#include "tableforge/tuner/cache_domain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tableforge/tuner/step.hpp"

#include "tuner/words.hpp"

namespace tableforge::tuner {

namespace {

using Counts = CachedClass::Counts;

constexpr std::array kSides{Side::control, Side::treated};

Counts since(Counts now, Counts const &begin) {
  now.reads -= begin.reads;
  now.cpu_ms -= begin.cpu_ms;
  now.db_ms -= begin.db_ms;
  now.slo_excess_ms -= begin.slo_excess_ms;
  now.held_mib_s -= begin.held_mib_s;
  for (std::size_t i = 0; i < now.hits.size(); ++i) now.hits[i] -= begin.hits[i];
  now.loads = now.loads.since(begin.loads);
  return now;
}

Cost cost_of(Counts const &counts, StalenessCurve const &curve) {
  return {.requests = counts.reads,
          .cpu_ms = counts.cpu_ms,
          .db_ms = counts.db_ms,
          .stale_reads = curve.expected_stale(counts.hits),
          .slo_excess_ms = counts.slo_excess_ms,
          .held_mib_s = counts.held_mib_s};
}

Counts whole(CachedClass const &cls) {
  Counts sum;
  for (Side const side : {Side::outside, Side::control, Side::treated}) {
    auto const counts = cls.counts(side);
    sum.reads += counts.reads;
    sum.cpu_ms += counts.cpu_ms;
    sum.db_ms += counts.db_ms;
    sum.slo_excess_ms += counts.slo_excess_ms;
    sum.held_mib_s += counts.held_mib_s;
    for (std::size_t i = 0; i < sum.hits.size(); ++i) sum.hits[i] += counts.hits[i];
    sum.loads.merge(counts.loads);
  }
  return sum;
}

/// p99, or as far out as there are ten loads beyond it: one of a few is the worst of them, and says nothing. Of fewer
/// than 20 the mean.
double tail_ms(metrics::HistogramSnapshot const &loads) {
  auto const count = static_cast<double>(loads.count());
  if (loads.count() == 0) return std::numeric_limits<double>::quiet_NaN();
  if (count < 20) return loads.mean() / 1e6;
  return static_cast<double>(loads.quantile(1 - std::max(0.01, 10 / count))) / 1e6;
}

/// What each lifetime would have cost, in the one currency, of what was counted in shadow.
class Curve {
 public:
  Curve(TtlEvidence const &evidence, Counts const &counts, double hit_cpu_ms, Weights const &weights)
      : evidence_(evidence), weights_(weights), hit_cpu_ms_(hit_cpu_ms) {
    double hits = 0;
    for (double const each : counts.hits) hits += each;
    // Where several miss one key at once, or another level has it, a miss costs less than a load; where values are
    // loaded before their end nobody misses.
    double const misses = std::max(static_cast<double>(counts.loads.count()), counts.reads - hits);
    if (misses <= 0) return;
    load_db_ms_ = counts.db_ms / misses;
    load_cpu_ms_ = std::max(0.0, counts.cpu_ms - hits * hit_cpu_ms) / misses;
  }

  [[nodiscard]] Cost cost(TtlEvidence::Count const &count) const {
    return {.requests = count.reads,
            .cpu_ms = count.misses * load_cpu_ms_ + (count.reads - count.misses) * hit_cpu_ms_,
            .db_ms = count.misses * load_db_ms_,
            .stale_reads = count.stale};
  }
  [[nodiscard]] double objective_at(std::size_t place) const { return objective(cost(evidence_.sum(place)), weights_); }

  /// Of lifetimes between the counted ones: what is counted, in proportion of the logarithms.
  [[nodiscard]] TtlEvidence::Count between(std::array<TtlEvidence::Count, TtlEvidence::kPlaces> const &counts,
                                           double seconds) const {
    auto const &grid = evidence_.seconds;
    auto const above = std::ranges::lower_bound(grid, seconds);
    if (above == grid.begin()) return counts.front();
    if (above == grid.end()) return counts.back();
    auto const place = static_cast<std::size_t>(above - grid.begin());
    double const share = std::log(seconds / grid[place - 1]) / std::log(grid[place] / grid[place - 1]);
    auto const mix = [&](double low, double high) { return low + share * (high - low); };
    auto const &low = counts[place - 1];
    auto const &high = counts[place];
    return {mix(low.reads, high.reads), mix(low.misses, high.misses), mix(low.stale, high.stale)};
  }
  [[nodiscard]] Cost cost_at(double seconds) const {
    TtlEvidence::Count sum;
    for (auto const &[number, counts] : evidence_.epochs) sum += between(counts, seconds);
    return cost(sum);
  }
  [[nodiscard]] double objective_of(double seconds) const { return objective(cost_at(seconds), weights_); }
  /// By the minutes, which are as independent as anything here: each compares both on the same reads.
  [[nodiscard]] Estimate log_ratio(double from, double to) const {
    std::vector<double> ratios;
    for (auto const &[number, counts] : evidence_.epochs) {
      double const old = objective(cost(between(counts, from)), weights_);
      double const next = objective(cost(between(counts, to)), weights_);
      if (old > 0 && next > 0) ratios.push_back(std::log(next / old));
    }
    auto estimate = estimate_mean(ratios);
    estimate.n = static_cast<std::size_t>(evidence_.samples);
    return estimate;
  }

 private:
  TtlEvidence const &evidence_;
  Weights const &weights_;
  double hit_cpu_ms_;
  double load_db_ms_ = 0;
  double load_cpu_ms_ = 0;
};

/// The lifetime that would have cost least.
double best_ms(Curve const &curve, TtlEvidence const &evidence, KnobValue const &knob) {
  double best = knob.value;
  double least = curve.objective_of(knob.value / 1000);
  if (knob.max / 1000 < evidence.seconds.back() && curve.objective_of(knob.max / 1000) < least) {
    best = knob.max;
    least = curve.objective_of(best / 1000);
  }
  for (std::size_t place = 0; place < TtlEvidence::kPlaces; ++place) {
    double const ms = evidence.seconds[place] * 1000;
    if (ms < knob.min || ms > knob.max) continue;
    double const cost = curve.objective_at(place);
    if (cost >= least) continue;
    least = cost;
    best = ms;
  }
  return best;
}

}  // namespace

CacheDomain::CacheDomain(std::vector<CachedClass *> classes, VitalSigns &vitals, Options options)
    : classes_(std::move(classes)), vitals_(vitals), options_(options), watched_(classes_.size()) {}

std::vector<KnobValue> CacheDomain::knobs() const {
  std::vector<KnobValue> knobs;
  for (CachedClass const *const cls : classes_) knobs.push_back(cls->ttl());
  return knobs;
}

Cost CacheDomain::total() const {
  Cost sum;
  for (CachedClass const *const cls : classes_) sum += cost_of(whole(*cls), cls->staleness());
  return sum;
}

Alarm CacheDomain::look(Time) {
  Alarm alarm = Alarm::none;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    CachedClass &cls = *classes_[i];
    Watched &watched = watched_[i];
    if (!cls.locked().empty()) continue;
    auto const audits = cls.audits();
    auto since = audits;
    since -= std::exchange(watched.audited, audits);
    if (watched.watch.add(since.stale, since.most, since.least)) {
      cls.forget();
      watched = {.audited = audits, .watch = {}, .awaited = true};
      alarm = Alarm::shifted;
    } else if (alarm == Alarm::none && watched.awaited && missing(cls.evidence(), cls.staleness()).empty()) {
      alarm = Alarm::ready;
    }
  }
  return alarm;
}

std::string CacheDomain::missing(TtlEvidence const &evidence, StalenessCurve const &curve) const {
  if (evidence.epochs.size() < options_.epochs_min || evidence.samples < options_.samples_min) {
    return "too little was read lately: " + number_text(evidence.samples) + " samples in " +
           number_text(static_cast<double>(evidence.epochs.size())) + " minutes";
  }
  if (curve.compared() < options_.compared_min) {
    return "too few values were compared with the database: " + number_text(std::floor(curve.compared()));
  }
  return {};
}

Ranking CacheDomain::rank(Time, Weights const &weights, StepLimits const &limits) {
  Ranking ranking;
  std::vector<std::pair<double, Candidate>> found;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    CachedClass const *const cls = classes_[i];
    auto const knob = cls->ttl();
    auto const idle = [&](std::string reason) { ranking.idle.push_back({knob.name, std::move(reason)}); };
    if (!cls->locked().empty()) {
      idle(std::string(cls->locked()));
      continue;
    }
    auto const evidence = cls->evidence();
    if (knob.value <= 0) {
      idle("the class is switched off");
      continue;
    }
    if (auto why = missing(evidence, cls->staleness()); !why.empty()) {
      idle(std::move(why));
      continue;
    }
    watched_[i].awaited = false;
    Curve const curve(evidence, whole(*cls), options_.hit_cpu_ms, weights);
    double const best = best_ms(curve, evidence, knob);
    auto const candidate_to = [&](double to) {
      return Candidate{.changes = {{knob.name, knob.value, to}},
                       .kind = evidence.keys < options_.cohort_keys_min ? TrialKind::switchback : TrialKind::cohort,
                       .settling = std::chrono::milliseconds(std::llround(std::max(knob.value, to))),
                       .log_ratio = curve.log_ratio(knob.value / 1000, to / 1000),
                       .counted = true,
                       .now = curve.cost_at(knob.value / 1000),
                       .predicted = curve.cost_at(to / 1000)};
    };
    auto const rounded = [&](double ms) { return std::clamp(std::round(ms), knob.min, knob.max); };
    double const step_max = limits.step_max(knob.name, best < knob.value ? Direction::down : Direction::up);
    double const near = rounded(limit_step(knob.value, best, step_max));
    if (near == knob.value) {
      idle("no other lifetime would have cost less");
      continue;
    }
    for (double const to : {rounded(best), near}) {
      auto candidate = candidate_to(to);
      if (to != near && !limits.may_leap(candidate)) continue;
      double const saved = price(candidate.now, weights) - price(candidate.predicted, weights);
      found.emplace_back(saved, std::move(candidate));
      if (to == near) break;
    }
  }
  std::ranges::sort(found, std::greater{}, &std::pair<double, Candidate>::first);
  for (auto &[saved, candidate] : found) ranking.candidates.push_back(std::move(candidate));
  return ranking;
}

Result<Applied> CacheDomain::apply(std::vector<Change> const &changes, Exposure const &exposure) {
  for (Change const &change : changes) {
    CachedClass *const cls = find(change.knob);
    if (cls == nullptr) return fail(Errc::not_found, "there is no such knob in the cache");
    if (cls->ttl().value != change.from) return fail(Errc::conflict, "the knob was turned by hand meanwhile");
    cls->expose_ttl(change.to, exposure);
    tried_ = cls;
  }
  return Applied::done;
}

void CacheDomain::begin_reading(Time now) {
  for (std::size_t i = 0; i < kSides.size(); ++i) begun_[i] = tried_->counts(kSides[i]);
  vitals_.begin(now);
}

Reading CacheDomain::end_reading(Time now) {
  auto const vitals = vitals_.end(now);
  auto const curve = tried_->staleness();
  std::array<SideReading, 2> sides;
  for (std::size_t i = 0; i < kSides.size(); ++i) {
    auto const counts = since(tried_->counts(kSides[i]), begun_[i]);
    sides[i] = {cost_of(counts, curve), {vitals.p99_ms, vitals.error_share, vitals.rss_bytes, tail_ms(counts.loads)}};
  }
  return {.control = std::move(sides[0]), .treated = std::move(sides[1])};
}

Result<void> CacheDomain::keep(std::vector<Change> const &changes) {
  for (Change const &change : changes) {
    CachedClass *const cls = find(change.knob);
    if (cls == nullptr) return fail(Errc::not_found, "there is no such knob in the cache");
    double const now = cls->ttl().value;
    if (now != change.from && now != change.to) return fail(Errc::conflict, "the knob was turned by hand meanwhile");
    cls->set_ttl(change.to);
    if (cls != tried_) continue;  // An operator's word is followed by nothing.
    tried_ = nullptr;
    watched_[static_cast<std::size_t>(std::ranges::find(classes_, cls) - classes_.begin())].awaited = true;
  }
  return {};
}

Result<void> CacheDomain::undo(std::vector<Change> const &changes) {
  for (Change const &change : changes) {
    // Of a class that is no more there is nothing to undo.
    CachedClass *const cls = find(change.knob);
    if (cls == nullptr) continue;
    if (cls == tried_) tried_ = nullptr;
    double const now = cls->ttl().value;
    cls->set_ttl(now == change.to ? change.from : now);
  }
  return {};
}

CachedClass *CacheDomain::find(std::string_view knob) const {
  auto const found = std::ranges::find_if(classes_, [&](auto const *cls) { return cls->ttl().name == knob; });
  return found == classes_.end() ? nullptr : *found;
}

}  // namespace tableforge::tuner
