#include "cache/shelf_index.hpp"

#include <utility>

namespace tableforge::cache {

ShelfItem *ShelfIndex::find(std::uint64_t hash, std::string_view key) const {
  if (size_ == 0) return nullptr;
  auto *item = bucket_of(hash);
  while (item != nullptr && (item->hash != hash || item->key() != key)) item = item->next;
  return item;
}

void ShelfIndex::insert(ShelfItem &item) {
  if (pieces_.empty()) pieces_.push_back(std::make_unique<Piece>());
  auto &first = bucket_of(item.hash);
  item.next = first;
  first = &item;
  ++size_;
  while (buckets() < kBucketsPerItem * size_) split();
}

void ShelfIndex::remove(ShelfItem &item) {
  auto **at = &bucket_of(item.hash);
  while (*at != &item) at = &(*at)->next;
  *at = item.next;
  --size_;
  while (buckets() > kBucketsPerItem * (size_ + 1)) merge();
}

void ShelfIndex::clear() { *this = {}; }

void ShelfIndex::split() {
  auto const added = buckets();
  if (added / kPieceBuckets == pieces_.size()) pieces_.push_back(std::make_unique<Piece>());
  auto *item = std::exchange(bucket(split_), nullptr);
  if (++split_ == round_) {
    round_ *= 2;
    split_ = 0;
  }
  while (item != nullptr) {
    auto *const next = item->next;
    auto &first = bucket_of(item->hash);
    item->next = first;
    first = item;
    item = next;
  }
}

void ShelfIndex::merge() {
  if (split_ == 0) {
    round_ /= 2;
    split_ = round_;
  }
  --split_;
  auto const removed = round_ + split_;
  auto **end = &bucket(split_);
  while (*end != nullptr) end = &(*end)->next;
  *end = std::exchange(bucket(removed), nullptr);
  // One empty piece is kept, so that a size that swings about its edge does not allocate each time.
  if (removed / kPieceBuckets + 2 < pieces_.size()) pieces_.pop_back();
}

}  // namespace tableforge::cache
