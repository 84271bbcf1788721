#include "cache/shelves.hpp"

#include <limits>
#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::cache {

Shelves::Shelves(runtime::Shard &shard, metrics::CacheMetrics &metrics, std::uint64_t seed,
                 std::function<Clock::time_point()> const &now, WatchMaker const &watch)
    : shard_(shard), metrics_(metrics), seed_(seed), now_(now), watch_(watch), draws_(seed + shard.index()) {}

Shelves::~Shelves() {
  // The gauges are sums over all shards: this one's part ends with it.
  for (std::size_t i = 0; i < places_.size(); ++i) {
    metrics_.bytes.at(i).sub(places_[i].bytes_told);
    metrics_.entries.at(i).sub(places_[i].entries_told);
  }
}

Shelves::Place &Shelves::place_of(ClassSpec const &cls) {
  Place &place = places_[static_cast<std::size_t>(cls.id)];
  if (place.cls == nullptr) [[unlikely]] {
    place.cls = &cls;
    place.shelf.emplace(cls.knobs.bytes_max.get(), seed_ + static_cast<std::uint64_t>(cls.id));
    if (watch_) place.watch = watch_(cls);
  }
  TF_CHECK(place.cls == &cls);  // Two declarations of one class would read each other's values.
  return place;
}

Shelves::Lot Shelves::lot_of(Place &place, std::uint64_t hash) {
  CacheKnobs const &knobs = place.cls->knobs;
  if (auto const generation = knobs.ttl_split.generation(); generation != place.split_seen) [[unlikely]] {
    place.split = knobs.ttl_split.get();
    place.split_seen = generation;
  }
  Clock::duration const ttl = knobs.ttl.get();
  if (!place.split) return {TrialSide::outside, ttl};
  auto const side = place.split->exposure.side_of(hash);
  if (side != TrialSide::treated || !place.split->exposure.armed) return {side, ttl};
  return {side, std::chrono::milliseconds(static_cast<std::int64_t>(place.split->value))};
}

void Shelves::count(Place &place, std::uint64_t hash, TrialSide side, Entry const *served, Clock::time_point now) {
  // That there is nothing ends by another lifetime, which is not tried.
  if (served != nullptr && !served->value) return;
  if (served != nullptr) {
    place.watch->counts().hit(side, now - served->filled_at);
  } else {
    place.watch->counts().missed(side);
  }
  if (place.watch->wants(hash)) place.watch->looked(hash, now, served != nullptr ? served->bytes : 0);
}

Freshness Shelves::judge_now(Entry const &entry, ClassSpec const &cls, std::string_view key, Clock::time_point now) {
  Place &place = place_of(cls);
  return judge(entry, cls, lot_of(place, place.shelf->hash_of(key)).ttl, now, draws_);
}

void Shelves::loaded(ClassSpec const &cls, std::string_view key, Clock::duration took) {
  Place &place = place_of(cls);
  if (place.watch) place.watch->counts().loaded(lot_of(place, place.shelf->hash_of(key)).side, took);
}

void Shelves::compared(ClassSpec const &cls, Clock::duration age, bool stale) {
  Place &place = place_of(cls);
  if (place.watch) place.watch->compared(age, stale);
}

Shelves::Hit Shelves::look(ClassSpec const &cls, std::string_view key, Clock::time_point now) {
  TF_CHECK(shard_.on_this_thread());
  Place &place = place_of(cls);
  shard_.mark_dirty(*this);
  auto const hash = place.shelf->hash_of(key);
  Entry const *const entry = place.shelf->find(key, hash);
  auto const lot = lot_of(place, hash);
  Freshness const freshness = entry != nullptr ? judge(*entry, cls, lot.ttl, now, draws_) : Freshness::expired;
  if (place.watch) count(place, hash, lot.side, freshness == Freshness::expired ? nullptr : entry, now);
  if (freshness == Freshness::expired) {
    ++place.tally.misses;
    return {nullptr, false};
  }
  ++place.tally.hits;
  if (!entry->value) ++place.tally.negative_hits;
  if (freshness == Freshness::stale) ++place.tally.stale_served;
  return {entry, freshness != Freshness::fresh};
}

Entry const *Shelves::peek(ClassSpec const &cls, std::string_view key) { return place_of(cls).shelf->find(key); }

bool Shelves::keep(ClassSpec const &cls, std::string_view key, Entry entry) {
  Place &place = place_of(cls);
  shard_.mark_dirty(*this);
  bool const older = place.shelf->put(key, std::move(entry)) == Shelf::Put::older;
  if (older) metrics_.refused_fills.at(cls.id, metrics::CacheLevel::l1).add();
  return !older;
}

void Shelves::invalidate(CacheClass cls, std::string_view key, Version version) {
  Place &place = places_[static_cast<std::size_t>(cls)];
  // Nothing was ever asked for here, and nothing is on its way.
  if (!place.shelf) return;
  shard_.mark_dirty(*this);
  // A shelf refuses what is older than its mark; ours also refuses what equals it (class.hpp).
  constexpr Version kLast = std::numeric_limits<Version>::max();
  place.shelf->invalidate(key, version < kLast ? version + 1 : kLast);
  if (place.watch) place.watch->invalidated(place.shelf->hash_of(key), now_());
}

void Shelves::erase(CacheClass cls, std::string_view key) {
  Place &place = places_[static_cast<std::size_t>(cls)];
  if (!place.shelf) return;
  shard_.mark_dirty(*this);
  place.shelf->erase(key);
}

void Shelves::clear_mutable() {
  for (Place &place : places_) {
    if (place.shelf && place.cls->is_mutable()) place.shelf->clear();
  }
  shard_.mark_dirty(*this);
}

void Shelves::flush() {
  bool settled = true;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place &place = places_[i];
    if (!place.shelf) continue;
    std::size_t const bytes_max = place.cls->knobs.bytes_max.get();
    if (place.shelf->bytes_max() != bytes_max) place.shelf->set_bytes_max(bytes_max);
    settled = place.shelf->settle() && settled;
    if (place.watch) place.watch->turn_ended(now_());
    tell(static_cast<CacheClass>(i), place);
  }
  if (!settled) shard_.mark_dirty(*this);
}

void Shelves::tell(CacheClass cls, Place &place) {
  Tally const tally = std::exchange(place.tally, {});
  if (tally.hits > 0) metrics_.hits.at(cls, metrics::CacheLevel::l1).add(tally.hits);
  if (tally.negative_hits > 0) metrics_.negative_hits.at(cls).add(tally.negative_hits);
  if (tally.stale_served > 0) metrics_.stale_served.at(cls).add(tally.stale_served);
  if (tally.misses > 0) metrics_.misses.at(cls).add(tally.misses);
  auto const evictions = place.shelf->evictions();
  auto const bytes = static_cast<std::int64_t>(place.shelf->bytes());
  auto const entries = static_cast<std::int64_t>(place.shelf->size());
  metrics_.evictions.at(cls).add(evictions - std::exchange(place.evictions_told, evictions));
  metrics_.bytes.at(cls).add(bytes - std::exchange(place.bytes_told, bytes));
  metrics_.entries.at(cls).add(entries - std::exchange(place.entries_told, entries));
}

}  // namespace tableforge::cache
