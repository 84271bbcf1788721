#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tableforge/cache/entry.hpp"
#include "tableforge/cache/marks.hpp"
#include "tableforge/cache/policy.hpp"

namespace tableforge::cache {

class ShelfIndex;
struct ShelfItem;

/// The first level of the cache for one class of value on one shard: bounded in bytes, and kept by what is learnt
/// of when keys are asked for again (policy.hpp).
///
/// An older value never replaces a newer one, nor one that was invalidated at a newer version. Expiry is the caller's
/// business, who knows the knobs: what find() returns may be too old to be served.
///
/// Threads: one.
/// Owns:    keys and entries; values are shared with their readers and outlive their eviction as long as one reads.
/// Bounds:  bytes() stays within bytes_max() after each call, except while clear() or a smaller bound is taking effect:
///          a call frees at most kFreedMax entries, then put() and settle() go on.
///          Versions that were invalidated are remembered for the latest Marks::kMarksMax / 2 keys at least, and apart
///          from them so many of what was evicted; a load that is slower than so many invalidations is bounded by its
///          TTL alone. Outside of bytes(): 128 KiB for these, none where versions are 0, and 45 KiB of the policy.
/// Errors:  none; a value that does not fit or does not pay is not stored. The destructors of values must not call
/// back.
class Shelf {
 public:
  static constexpr std::size_t kFreedMax = 1024;  // Some 100 us.

  enum class Put : std::uint8_t {
    stored,
    older,         // A newer version is or was here, or this one was invalidated.
    not_admitted,  // It would push out what is worth more, or is larger than the shelf.
  };

  /// The seed decides the hash of the keys and among which entries the least worthy is looked for; clients should not
  /// be able to guess it.
  Shelf(std::size_t bytes_max, std::uint64_t seed);
  ~Shelf();
  Shelf(Shelf const &) = delete;
  Shelf &operator=(Shelf const &) = delete;

  /// What is kept under the key, or null. Counts as one access. Valid until the next call that takes or drops
  /// something.
  [[nodiscard]] Entry const *find(std::string_view key) { return find(key, hash_of(key)); }
  /// The same, for who has the hash.
  [[nodiscard]] Entry const *find(std::string_view key, std::uint64_t hash);
  /// Well mixed in all its bits; the same in every shelf of the same seed.
  [[nodiscard]] std::uint64_t hash_of(std::string_view key) const;

  /// Keeps the entry, in place of one of the same or an older version. Counts no access: the find() before it did. If
  /// it is newer but not admitted, what was here before is gone too.
  Put put(std::string_view key, Entry entry);

  /// Drops what is older than `version`, and refuses to take it from now on. Whether something was dropped.
  bool invalidate(std::string_view key, Version version);

  /// Drops the entry, and nothing else: the same version may come back.
  void erase(std::string_view key);
  /// Drops all entries, and forgets their versions. What was invalidated stays so.
  void clear();

  /// Acts at once, up to kFreedMax entries; settle() does the rest.
  void set_bytes_max(std::size_t bytes_max);
  /// Frees up to kFreedMax entries that are beyond the bound or were cleared. Whether nothing is left to free.
  bool settle();

  /// What keys, values and their upkeep occupy, what was cleared and waits to be freed included.
  [[nodiscard]] std::size_t bytes() const { return policy_.weight() + leaving_.weight(); }
  [[nodiscard]] std::size_t bytes_max() const { return policy_.weight_max(); }
  [[nodiscard]] std::size_t size() const { return policy_.size(); }
  /// Entries that were pushed out by others or by a smaller bound, those that were not admitted included.
  [[nodiscard]] std::uint64_t evictions() const { return evictions_; }

 private:
  [[nodiscard]] ShelfItem *item_of(std::uint64_t hash, std::string_view key) const;
  [[nodiscard]] bool fits(std::size_t weight) const;
  Put renew(ShelfItem &item, std::size_t weight, Entry entry, bool settled);
  void drop(ShelfItem &item);
  /// Frees what the policy has let go. Whether `wanted` was not among it.
  bool free_evicted(Policy::List &evicted, ShelfItem const *wanted = nullptr);

  std::uint64_t seed_;
  std::unique_ptr<ShelfIndex> index_;
  Policy policy_;
  Policy::List leaving_;  // What was cleared and is not freed yet; not in the index any more.
  Marks invalidated_;
  Marks departed_;
  std::uint64_t evictions_ = 0;
};

}  // namespace tableforge::cache
