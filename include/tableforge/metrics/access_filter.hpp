#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tableforge::metrics {

/// Which lookups of a cache are looked at more closely: those of one key in sixteen, those of a few hot keys, and now
/// and then any, by which the hot keys are found.
///
/// It stands in the way of every lookup, so it costs a decrement, two tests and a load that is nearly always in the
/// first-level cache; the sampler behind it is called for what it lets through. Lives here because the cache asks it
/// and the tuner reads what comes of it.
///
/// Threads: one; each thread that looks things up has its own.
/// Bounds:  half a KiB.
class AccessFilter {
 public:
  /// How many lookups there are on average to one of those "now and then".
  static constexpr std::uint32_t kTurn = 64;
  static constexpr std::uint64_t kSampledMask = 15;

  explicit AccessFilter(std::uint64_t seed = 1) : draws_(seed) {}

  /// `hash` is the key's, well mixed in all its bits.
  [[nodiscard]] bool wants(std::uint64_t hash) {
    bool const turn = --left_ == 0;
    bool const sampled = is_sampled(hash);
    bool const hot = may_be_hot(hash);
    // All three at once: one branch, which is nearly always taken the same way.
    return turn | sampled | hot;
  }
  /// Whether it is wanted for its turn; asked behind wants(), which has taken it. Draws when the next one is.
  [[nodiscard]] bool take_turn() {
    if (left_ != 0) return false;
    // xorshift64 (Marsaglia 2003): a fixed distance would see only some keys of those who ask in a circle.
    draws_ ^= draws_ << 13;
    draws_ ^= draws_ >> 7;
    draws_ ^= draws_ << 17;
    left_ = 1 + static_cast<std::uint32_t>(draws_ >> 32) % (2 * kTurn - 1);
    return true;
  }

  [[nodiscard]] static bool is_sampled(std::uint64_t hash) { return (hash & kSampledMask) == 0; }
  /// True for all that are, and by chance for one or two in a hundred others.
  [[nodiscard]] bool may_be_hot(std::uint64_t hash) const {
    return (hot_[place_of(hash) / 64] >> (place_of(hash) % 64) & 1) != 0;
  }
  void set_hot(std::span<std::uint64_t const> hashes) {
    hot_ = {};
    for (std::uint64_t const hash : hashes) hot_[place_of(hash) / 64] |= std::uint64_t{1} << (place_of(hash) % 64);
  }

 private:
  static constexpr std::uint64_t kPlaces = 4096;

  [[nodiscard]] static std::uint64_t place_of(std::uint64_t hash) { return hash >> 52; }
  static_assert(kPlaces == std::uint64_t{1} << (64 - 52));

  std::array<std::uint64_t, kPlaces / 64> hot_{};
  std::uint64_t draws_;
  std::uint32_t left_ = 1;
};

}  // namespace tableforge::metrics
