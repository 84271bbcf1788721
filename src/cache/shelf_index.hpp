#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "cache/shelf_item.hpp"

namespace tableforge::cache {

/// Items by key: chained hashing that grows by two buckets for each item and shrinks likewise (Litwin, "Linear
/// hashing", 1980), because doubling a table of a million items would hold up its thread for tens of milliseconds.
///
/// Threads: one.
/// Owns:    the buckets; items are their owner's.
/// Bounds:  two pointers for each item, in pieces of 8 KiB. A hit looks at one and a quarter items on average, and each
///          is another line of memory, which is most of what a hit costs.
class ShelfIndex {
 public:
  [[nodiscard]] ShelfItem *find(std::uint64_t hash, std::string_view key) const;
  void insert(ShelfItem &item);
  void remove(ShelfItem &item);
  /// Forgets all items.
  void clear();
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kPieceBuckets = 1024;
  static constexpr std::size_t kBucketsPerItem = 2;
  using Piece = std::array<ShelfItem *, kPieceBuckets>;

  [[nodiscard]] ShelfItem *&bucket(std::size_t number) const {
    return (*pieces_[number / kPieceBuckets])[number % kPieceBuckets];
  }
  /// Buckets below `split_` were divided in this round and are told apart by one bit more.
  [[nodiscard]] ShelfItem *&bucket_of(std::uint64_t hash) const {
    auto const number = hash & (round_ - 1);
    return bucket(number < split_ ? hash & (2 * round_ - 1) : number);
  }
  [[nodiscard]] std::size_t buckets() const { return round_ + split_; }
  void split();
  void merge();

  std::vector<std::unique_ptr<Piece>> pieces_;
  std::size_t round_ = 1;  // Buckets at the beginning of this round; there are round_ + split_.
  std::size_t split_ = 0;
  std::size_t size_ = 0;
};

}  // namespace tableforge::cache
