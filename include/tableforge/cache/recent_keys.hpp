#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tableforge::cache {

/// Whether an LRU cache of as many entries would have what is asked for: an approximation in a few bytes.
///
/// Keys are noted with the generation in which they were last asked for; a generation ends when a quarter of the
/// entries were asked for in it, and the latest four make up what LRU holds. Of large caches only a sample of the keys
/// is followed, chosen by their hash (Waldspurger, Park, Garthwaite, Ahmad: "Efficient MRC construction with SHARDS",
/// 2015).
///
/// Threads: one.
/// Bounds:  32 to 64 bytes for each entry, and never more than 64 KiB.
class RecentKeys {
 public:
  enum class Found : std::uint8_t { not_followed, recent, not_recent };

  Found ask(std::uint64_t hash) {
    if ((hash & sample_mask_) != 0) return Found::not_followed;
    auto const tag = static_cast<std::uint32_t>(hash >> 32);
    auto *slot = &slots_[(hash >> 16) & (slots_.size() - 1)];
    auto *const neighbour = &slots_[((hash >> 16) ^ 1) & (slots_.size() - 1)];
    if (slot->tag != tag && (neighbour->tag == tag || neighbour->generation < slot->generation)) slot = neighbour;
    bool const recent = slot->tag == tag && slot->generation + kGenerations > generation_;
    if (slot->tag != tag || slot->generation != generation_) {
      *slot = {tag, generation_};
      if (++noted_ * kGenerations >= followed_) next_generation();
    }
    return recent ? Found::recent : Found::not_recent;
  }

  /// Follows what a cache of so many entries would hold, from the next generation on. Forgets what it knows when it has
  /// to become larger.
  void make_for(std::size_t entries) {
    entries_ = entries;
    if ((entries_ >> sample_bits_) * 4 > slots_.size()) resize();
  }

  /// How many keys each that is followed stands for.
  [[nodiscard]] std::size_t stands_for() const { return sample_mask_ + 1; }

 private:
  static constexpr std::uint32_t kGenerations = 4;
  static constexpr std::size_t kFollowedMax = 2048;
  static constexpr std::size_t kFollowedMin = 16;

  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t generation = 0;
  };

  void next_generation() {
    ++generation_;
    noted_ = 0;
    followed_ = std::max(entries_ >> sample_bits_, kFollowedMin);
  }

  void resize();

  std::vector<Slot> slots_ = std::vector<Slot>(4 * kFollowedMin);
  std::uint64_t sample_mask_ = 0;
  unsigned sample_bits_ = 0;
  std::uint32_t generation_ = kGenerations;  // Slots that were never used are older than all of them.
  std::size_t noted_ = 0;
  std::size_t entries_ = 0;
  std::size_t followed_ = kFollowedMin;
};

}  // namespace tableforge::cache
