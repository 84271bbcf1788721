#include "cache/shelves.hpp"

#include <limits>
#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::cache {

Shelves::Shelves(runtime::Shard &shard, metrics::CacheMetrics &metrics, std::uint64_t seed)
    : shard_(shard), metrics_(metrics), seed_(seed), draws_(seed) {}

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
  }
  TF_CHECK(place.cls == &cls);  // Two declarations of one class would read each other's values.
  return place;
}

Freshness Shelves::judge_now(Entry const &entry, ClassSpec const &cls, Clock::time_point now) {
  return judge(entry, cls, now, draws_);
}

Shelves::Hit Shelves::look(ClassSpec const &cls, std::string_view key, Clock::time_point now) {
  TF_CHECK(shard_.on_this_thread());
  Place &place = place_of(cls);
  shard_.mark_dirty(*this);
  Entry const *const entry = place.shelf->find(key);
  Freshness const freshness = entry != nullptr ? judge_now(*entry, cls, now) : Freshness::expired;
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
