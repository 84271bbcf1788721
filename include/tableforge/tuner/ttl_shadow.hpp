#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tableforge/tuner/staleness_curve.hpp"
#include "tableforge/tuner/ttl_evidence.hpp"

namespace tableforge::tuner {

/// What other lifetimes would have cost, counted beside the cache and on its real reads: of some keys it knows when
/// each would have been filled last under 16 lifetimes, √2 apart.
///
/// Which keys: the 64 hottest, each counted for itself, and of all others one in 16 by hash, counted 16 times. With too
/// many keys the rate is halved and the keys that fall out are dropped, as SHARDS does it (Waldspurger et al., FAST
/// 2015). How many of the virtual hits would be stale is told by the staleness curve and their ages. No fill depends on
/// the lifetime in force, so evidence outlives a change of it.
///
/// Times are of any monotonic clock.
///
/// Threads: one.
/// Bounds:  `kKeysMax` keys of about 200 bytes; the last 15 minutes, by the minute.
class TtlShadow {
 public:
  static constexpr std::size_t kPlaces = TtlEvidence::kPlaces;
  static constexpr std::size_t kKeysMax = 16'384;
  /// What stands for a minute everywhere here, unless time is compressed for a trial of the tuner itself.
  static constexpr std::chrono::microseconds kEpoch = std::chrono::minutes(1);
  static constexpr std::size_t kEpochs = 15;
  using Moment = std::chrono::microseconds;

  /// The lifetimes lie around `middle`, of which they are kMiddle places the lower ones.
  static constexpr std::size_t kMiddle = 8;
  explicit TtlShadow(std::chrono::microseconds middle, std::chrono::microseconds epoch = kEpoch);

  /// Moves the lifetimes by whole places until `ttl` is well within them; evidence begins anew if it has to. True if it
  /// did.
  bool follow(std::chrono::microseconds ttl);
  [[nodiscard]] double seconds_of(std::size_t place) const;

  /// A read of a key that AccessFilter let through. `curve` is that of now.
  void read(std::uint64_t hash, Moment now, StalenessCurve const &curve);
  /// A change of the key that the cache heard of: nobody would hit it any more.
  void invalidate(std::uint64_t hash, Moment now);
  void set_heavy(std::span<std::uint64_t const> hashes);
  /// What was counted so far; what is held under which lifetime stays as it is.
  void forget_evidence();

  /// Of the whole minutes lately.
  [[nodiscard]] TtlEvidence evidence() const;
  [[nodiscard]] std::size_t keys() const { return keys_.size(); }
  [[nodiscard]] double rate() const { return 1.0 / static_cast<double>(mask_ + 1); }

 private:
  struct Key {
    std::array<Moment, kPlaces> filled;
    bool heavy = false;
  };
  struct Epoch {
    std::int64_t number = -1;
    double reads = 0;
    double samples = 0;
    std::array<double, kPlaces> misses{};
    std::array<double, kPlaces> stale{};
  };

  [[nodiscard]] bool is_sampled(std::uint64_t hash) const { return (hash & mask_) == 0; }
  [[nodiscard]] Epoch &epoch_at(Moment now);
  void thin_out(Moment now);

  std::array<Moment, kPlaces> ttls_;
  std::chrono::microseconds epoch_;
  std::unordered_map<std::uint64_t, Key> keys_;
  std::vector<std::uint64_t> heavy_;
  std::uint64_t mask_ = 15;
  std::array<Epoch, kEpochs + 1> epochs_;  ///< A ring, the epoch that is going on in it.
  std::int64_t newest_ = -1;
};

}  // namespace tableforge::tuner
