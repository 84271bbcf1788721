#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tableforge/cache/entry.hpp"

namespace tableforge::cache {

/// The first level of the cache for one class of value on one shard: bounded in bytes, and kept by how often and how
/// lately a key was asked for (policy.hpp).
///
/// An older value never replaces a newer one, nor one that was invalidated at a newer version. Expiry is the caller's
/// business, who knows the knobs: what find() returns may be too old to be served.
///
/// Threads: one.
/// Owns:    keys and entries; values are shared with their readers and outlive their eviction as long as one reads.
/// Bounds:  bytes() stays within bytes_max() after each call, except while clear() or a smaller bound is taking effect:
///          a call frees at most kFreedMax entries, then put() and settle() go on.
///          What was invalidated or evicted is remembered for the latest kMarksMax / 2 other keys at least, outside of
///          bytes(); a value that is slower than so many invalidations is bounded by its TTL alone.
/// Errors:  none; a value that does not fit or does not pay is not stored.
class Shelf {
 public:
  static constexpr std::size_t kFreedMax = 1024;  // Some 100 us.
  static constexpr std::size_t kMarksMax = 4096;

  enum class Put : std::uint8_t {
    stored,
    older,         // A newer version is here, or was, or this one was invalidated.
    not_admitted,  // It would push out what is asked for more often, or is larger than the shelf.
  };

  /// The seed decides the hash of the keys and the rare random admission; clients should not be able to guess it.
  Shelf(std::size_t bytes_max, std::uint64_t seed);
  ~Shelf();
  Shelf(Shelf const &) = delete;
  Shelf &operator=(Shelf const &) = delete;

  /// What is kept under the key, or null. Counts as one access. Valid until the next call that is not const or find().
  [[nodiscard]] Entry const *find(std::string_view key);

  /// Keeps the entry, in place of one of the same or an older version. Counts no access: the find() before it did.
  Put put(std::string_view key, Entry entry);

  /// Drops what is older than `version`, and refuses to take it from now on. Whether something was dropped.
  bool invalidate(std::string_view key, Version version);

  /// Drops the entry, and nothing else: any version may come back.
  void erase(std::string_view key);
  /// Drops all entries. What was invalidated stays so.
  void clear();

  /// Acts at once, up to kFreedMax entries; settle() does the rest.
  void set_bytes_max(std::size_t bytes_max);
  /// Frees up to kFreedMax entries that are beyond the bound or were cleared. Whether nothing is left to free.
  bool settle();

  /// What keys, values and their upkeep occupy.
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::size_t bytes_max() const;
  [[nodiscard]] std::size_t size() const;
  /// Entries that were pushed out by others or by a smaller bound, those that were not admitted included.
  [[nodiscard]] std::uint64_t evictions() const;
};

}  // namespace tableforge::cache
