#include "tableforge/cache/shelf.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "cache/key_hash.hpp"
#include "cache/shelf_index.hpp"
#include "cache/shelf_item.hpp"

namespace tableforge::cache {
namespace {

// What the policy knows of keys that are not here: as much as ShelfItem::weight_of() sets aside for it.
constexpr std::size_t past_bytes_max(std::size_t bytes_max) { return bytes_max / ShelfItem::kPastShare; }

ShelfItem &take_oldest(PolicyList &list) {
  auto &node = *list.oldest();
  list.remove(node);
  return static_cast<ShelfItem &>(node);
}

void free_item(ShelfItem &item) { ShelfItem::Free()(&item); }

}  // namespace

Shelf::Shelf(std::size_t bytes_max, std::uint64_t seed)
    : seed_(seed), index_(std::make_unique<ShelfIndex>()), policy_(bytes_max, seed, past_bytes_max(bytes_max)) {}

Shelf::~Shelf() {
  policy_.clear(leaving_);
  while (!leaving_.empty()) free_item(take_oldest(leaving_));
}

ShelfItem *Shelf::item_of(std::uint64_t hash, std::string_view key) const { return index_->find(hash, key); }

bool Shelf::fits(std::size_t weight) const {
  return weight <= bytes_max() && weight <= std::numeric_limits<std::uint32_t>::max();
}

std::uint64_t Shelf::hash_of(std::string_view key) const { return KeyHash(seed_)(key); }

Entry const *Shelf::find(std::string_view key, std::uint64_t hash) {
  auto *const item = item_of(hash, key);
  if (item == nullptr) {
    policy_.miss(hash);
    return nullptr;
  }
  policy_.touch(*item);
  return &item->entry;
}

Shelf::Put Shelf::put(std::string_view key, Entry entry) {
  bool const settled = settle();
  auto const weight = ShelfItem::weight_of(key, entry);
  auto const hash = KeyHash(seed_)(key);
  if (auto *const item = item_of(hash, key)) return renew(*item, weight, std::move(entry), settled);

  if (entry.version < std::max(invalidated_.of(hash), departed_.of(hash))) return Put::older;
  if (!fits(weight) || (!settled && bytes() + weight > bytes_max())) {
    departed_.mark(hash, entry.version);
    ++evictions_;
    return Put::not_admitted;
  }
  auto *const item = ShelfItem::make(hash, key, std::move(entry)).release();
  index_->insert(*item);
  Policy::List evicted;
  policy_.add(*item, evicted);
  return free_evicted(evicted, item) ? Put::stored : Put::not_admitted;
}

Shelf::Put Shelf::renew(ShelfItem &item, std::size_t weight, Entry entry, bool settled) {
  if (entry.version < item.entry.version) return Put::older;
  item.entry = std::move(entry);
  Policy::List evicted;
  if (fits(weight) && (settled || bytes() - item.weight + weight <= bytes_max())) {
    policy_.reweigh(item, static_cast<std::uint32_t>(weight), evicted);
    return free_evicted(evicted, &item) ? Put::stored : Put::not_admitted;
  }
  policy_.remove(item);
  evicted.push_newest(item);
  free_evicted(evicted);
  return Put::not_admitted;
}

bool Shelf::invalidate(std::string_view key, Version version) {
  auto const hash = KeyHash(seed_)(key);
  auto *const item = item_of(hash, key);
  // Even if what is here is as new and refuses older ones itself: it may be cleared.
  invalidated_.mark(hash, version);
  if (item == nullptr || item->entry.version >= version) return false;
  drop(*item);
  return true;
}

void Shelf::erase(std::string_view key) {
  auto *const item = item_of(KeyHash(seed_)(key), key);
  if (item == nullptr) return;
  departed_.mark(item->hash, item->entry.version);
  drop(*item);
}

void Shelf::clear() {
  index_->clear();
  policy_.clear(leaving_);
  settle();
}

void Shelf::set_bytes_max(std::size_t bytes_max) {
  policy_.set_weight_max(bytes_max, past_bytes_max(bytes_max));
  settle();
}

bool Shelf::settle() {
  std::size_t left = kFreedMax;
  for (; left > 0 && !leaving_.empty(); --left) free_item(take_oldest(leaving_));
  Policy::List evicted;
  bool const within = policy_.trim(left, evicted);
  free_evicted(evicted);
  return within && leaving_.empty();
}

void Shelf::drop(ShelfItem &item) {
  index_->remove(item);
  policy_.remove(item);
  free_item(item);
}

bool Shelf::free_evicted(Policy::List &evicted, ShelfItem const *wanted) {
  bool kept = true;
  while (!evicted.empty()) {
    auto &item = take_oldest(evicted);
    kept = kept && &item != wanted;
    departed_.mark(item.hash, item.entry.version);
    index_->remove(item);
    free_item(item);
    ++evictions_;
  }
  return kept;
}

}  // namespace tableforge::cache
