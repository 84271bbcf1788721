#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tableforge/cache/reuse_times.hpp"

namespace tableforge::cache {

/// How a key was asked for, as far as a policy remembers.
struct KeyPast {
  ReuseTimes::Time asked_at = 0;  // The last time.
  std::uint16_t tag = 0;          // The upper bits of its hash.
  std::uint8_t count = 0;         // Of bursts, not of accesses.
  ReuseTimes::Kind kind = ReuseTimes::kNone;

  [[nodiscard]] bool known() const { return kind != ReuseTimes::kNone; }
};
static_assert(sizeof(KeyPast) == 8);

/// The past of keys that are not in the cache.
///
/// Where values are large it costs little to know what comes back after ten times as many others as there are entries;
/// where they are small that would take the room of too many. Where it is full, it forgets what was not asked for
/// longest of a few. Keys are told apart by 16 bits of their hash and by their place: one unknown key in some 10,000 is
/// taken for another.
///
/// Threads: one.
/// Bounds:  64 bytes for each entry it is made for, which are rounded up to a power of two, but no more than bytes_max
///          unless 8 bytes for each are more than that.
class PastKeys {
 public:
  [[nodiscard]] static std::uint16_t tag_of(std::uint64_t hash) { return static_cast<std::uint16_t>(hash >> 48); }

  /// Null if it is not known. Valid until the next call.
  [[nodiscard]] KeyPast *find(std::uint64_t hash);
  /// The key's place, for the caller to fill. It still holds what is forgotten for it, if that is
  /// known().
  [[nodiscard]] KeyPast &place_for(std::uint64_t hash, ReuseTimes::Time now);

  /// Forgets everything when it has to become larger, or much smaller.
  void make_for(std::size_t entries, std::size_t bytes_max);

  /// Places whose key is not known() are free.
  [[nodiscard]] std::span<KeyPast> places() { return places_; }

 private:
  static constexpr std::size_t kWays = 8;  // A cache line.
  static constexpr std::size_t kPlacesMin = 64;

  [[nodiscard]] KeyPast *row_of(std::uint64_t hash) {
    return &places_[((hash >> 24) & (places_.size() / kWays - 1)) * kWays];
  }

  std::vector<KeyPast> places_ = std::vector<KeyPast>(kPlacesMin);
};

}  // namespace tableforge::cache
