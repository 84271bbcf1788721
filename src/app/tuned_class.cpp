#include "app/tuned_class.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "tableforge/log/log.hpp"
#include "tableforge/tuner/cache_sampler.hpp"

namespace tableforge::app {

namespace {

using std::chrono::microseconds;

microseconds moment_of(cache::Clock::time_point time) {
  return std::chrono::duration_cast<microseconds>(time.time_since_epoch());
}

double reads_of(cache::ReadCounts const &counts) {
  double sum = 0;
  for (auto const side : {tuner::Side::outside, tuner::Side::control, tuner::Side::treated}) {
    sum += static_cast<double>(counts.of(side).reads.load(std::memory_order_relaxed));
  }
  return sum;
}

}  // namespace

/// The sampler of one shard, and what it tells.
class TunedClass::ShardWatch final : public cache::Watch {
 public:
  ShardWatch(std::shared_ptr<Seen> seen, std::unique_ptr<tuner::CacheSampler> sampler,
             Knob<std::chrono::milliseconds> const &ttl, microseconds epoch)
      : Watch(seen->counts, sampler->filter()),
        seen_(std::move(seen)),
        sampler_(std::move(sampler)),
        ttl_(ttl),
        epoch_(epoch) {}

  void looked(std::uint64_t hash, cache::Clock::time_point now, std::size_t bytes) override {
    sampler_->looked(hash, moment_of(now), bytes);
  }
  void invalidated(std::uint64_t hash, cache::Clock::time_point now) override {
    sampler_->invalidated(hash, moment_of(now));
  }
  void compared(cache::Clock::duration age, bool stale) override {
    sampler_->compared(std::chrono::duration_cast<microseconds>(age), stale);
  }
  void turn_ended(cache::Clock::time_point now) override {
    if (auto const told = seen_->forget.load(std::memory_order_relaxed); told != forgotten_) {
      forgotten_ = told;
      sampler_->forget();
    }
    if (now < next_roll_) return;
    next_roll_ = now + epoch_;
    double const reads = reads_of(seen_->counts);
    sampler_->roll(reads - std::exchange(reads_, reads), ttl_.get());
    auto published =
        std::make_shared<Published const>(sampler_->evidence(), sampler_->staleness(), sampler_->audits(), forgotten_);
    seen_->published.with([&](auto &mine) { mine.swap(published); });
  }

 private:
  std::shared_ptr<Seen> seen_;
  std::unique_ptr<tuner::CacheSampler> sampler_;
  Knob<std::chrono::milliseconds> const &ttl_;
  microseconds epoch_;
  cache::Clock::time_point next_roll_{};
  double reads_ = 0;
  unsigned forgotten_ = 0;
};

TunedClass::TunedClass(Spec const &spec)
    : spec_(spec), ttl_name_(spec.knobs.ttl.info().name), boot_ms_(spec.knobs.ttl.number()) {}

std::unique_ptr<cache::Watch> TunedClass::watch() {
  auto seen = std::make_shared<Seen>();
  seen_.with([&](auto &all) { all.push_back(seen); });
  // The same middle on all shards, so that they tell of the same lifetimes; of a class that is off, any.
  auto const middle = boot_ms_ > 0 ? microseconds(std::llround(boot_ms_ * 1'000)) : std::chrono::seconds(1);
  auto sampler = std::make_unique<tuner::CacheSampler>(middle, seen_.with([](auto const &all) { return all.size(); }),
                                                       spec_.epoch);
  return std::make_unique<ShardWatch>(std::move(seen), std::move(sampler), spec_.knobs.ttl, spec_.epoch);
}

tuner::KnobValue TunedClass::ttl() const {
  return {.name = std::string(ttl_name_),
          .value = spec_.knobs.ttl.number(),
          .boot = boot_ms_,
          .min = std::min(spec_.ttl_min_ms, boot_ms_),
          .max = std::max(spec_.ttl_max_ms, boot_ms_)};
}

void TunedClass::expose_ttl(double ttl_ms, tuner::Exposure const &exposure) {
  spec_.knobs.ttl_split.set({.value = ttl_ms, .exposure = exposure});
}

void TunedClass::set_ttl(double ttl_ms) {
  // The knob first: meanwhile those who have the new value keep it.
  if (auto const set = spec_.knobs.ttl.set_number(ttl_ms); !set) {
    log::error("a lifetime cannot be set", {{"knob", ttl_name_}, {"value", ttl_ms}, {"why", set.error()}});
  }
  spec_.knobs.ttl_split.clear();
}

std::vector<std::shared_ptr<TunedClass::Seen>> TunedClass::all() const {
  return seen_.with([](auto const &all) { return all; });
}

TunedClass::Counts TunedClass::counts(tuner::Side side) const {
  Counts sum;
  for (auto const &seen : all()) {
    auto const &counts = seen->counts.of(side);
    sum.reads += static_cast<double>(counts.reads.load(std::memory_order_relaxed));
    for (std::size_t place = 0; place < sum.hits.size(); ++place) {
      sum.hits[place] += static_cast<double>(counts.hits[place].load(std::memory_order_relaxed));
    }
    sum.loads.merge(counts.loads.snapshot());
  }
  sum.db_ms = static_cast<double>(sum.loads.sum()) / 1e6;
  return sum;
}

tuner::TtlEvidence TunedClass::evidence() const {
  auto const oldest = moment_of(cache::Clock::now()) / spec_.epoch - std::int64_t{tuner::TtlShadow::kEpochs};
  tuner::TtlEvidence merged;
  for (auto const &seen : all()) {
    auto const published = seen->published.with([](auto const &mine) { return mine; });
    if (!published || published->forgotten != seen->forget.load(std::memory_order_relaxed)) continue;
    auto evidence = published->evidence;
    // Of a shard that has had nothing to read for a while.
    std::erase_if(evidence.epochs, [&](auto const &epoch) { return epoch.first < oldest; });
    if (evidence.epochs.empty()) continue;
    if (merged.epochs.empty()) {
      merged = std::move(evidence);
    } else if (evidence.seconds == merged.seconds) {
      merged.merge(evidence);
    } else if (evidence.samples > merged.samples) {
      // One has followed a change of the lifetime already, and the other has not.
      merged = std::move(evidence);
    }
  }
  return merged;
}

tuner::StalenessCurve TunedClass::staleness() const {
  tuner::StalenessCurve merged;
  for (auto const &seen : all()) {
    auto const published = seen->published.with([](auto const &mine) { return mine; });
    if (!published || published->forgotten != seen->forget.load(std::memory_order_relaxed)) continue;
    merged.merge(published->staleness);
  }
  return merged;
}

tuner::Audits TunedClass::audits() const {
  tuner::Audits sum;
  for (auto const &seen : all()) {
    if (auto const published = seen->published.with([](auto const &mine) { return mine; })) sum += published->audits;
  }
  return sum;
}

void TunedClass::forget() {
  for (auto const &seen : all()) seen->forget.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace tableforge::app
