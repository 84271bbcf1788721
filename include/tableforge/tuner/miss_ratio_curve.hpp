#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tableforge::tuner {

/// What share of reads a cache of any size would miss, from a sample of them: SHARDS of fixed size (Waldspurger, Park,
/// Garthwaite, Ahmad: "Efficient MRC Construction with SHARDS", FAST 2015), with its correction for a sample that holds
/// more or fewer of the hot keys than it should.
///
/// A read hits in a cache ordered by recency if no more bytes than it holds were read since the key's last read; of a
/// sample by hash at rate R such a distance is R times what it is of all. A cache with a better policy misses less, but
/// what another byte is worth to it runs alike.
///
/// Threads: one.
/// Bounds:  `kKeysMax` keys of about 100 bytes; the rate falls as there are more. A read of a sampled key takes
///          O(log kKeysMax), of any other a comparison.
class MissRatioCurve {
 public:
  static constexpr std::size_t kKeysMax = 4'096;

  /// `rate` is how many of the keys come here at all: 1/16 behind AccessFilter.
  explicit MissRatioCurve(double rate = 1.0 / 16);

  /// All reads of a sampled key, in order. `bytes` is what its value occupies.
  void read(std::uint64_t hash, std::size_t bytes);
  /// Of those that were not sampled too: what the correction goes by.
  void count_reads(double reads) { expected_ += reads * rate_; }

  /// Of a cache of that many bytes; 1 while nothing was read. Between two measured sizes, in proportion.
  [[nodiscard]] double miss_ratio(double bytes) const;
  [[nodiscard]] double reads() const { return sampled_; }
  /// What was read counts for half from then on.
  void fade();

 private:
  // Distances by their logarithm, eight to a doubling: 1 byte to 2^48.
  static constexpr std::size_t kPerDoubling = 8;
  static constexpr std::size_t kBuckets = 48 * kPerDoubling;

  struct Key {
    std::size_t place;
    std::size_t bytes;
  };

  [[nodiscard]] static std::uint64_t threshold_part(std::uint64_t hash) { return hash >> 8; }
  [[nodiscard]] double rate() const;
  [[nodiscard]] double bytes_behind(std::size_t place) const;
  void place_add(std::size_t place, double bytes);
  void compact();
  void lower_threshold();

  double rate_;
  std::uint64_t threshold_;
  std::unordered_map<std::uint64_t, Key> keys_;
  std::priority_queue<std::pair<std::uint64_t, std::uint64_t>> by_threshold_;  ///< Part of the hash, hash.
  /// Bytes by the order of the latest reads, as sums that a Fenwick tree keeps (Fenwick, Software: Practice and
  /// Experience 24, 1994).
  std::vector<double> tree_;
  std::size_t next_place_ = 0;
  double bytes_ = 0;

  std::array<double, kBuckets> distances_{};
  double cold_ = 0;
  double sampled_ = 0;   ///< At the rate of now, as are all counts.
  double expected_ = 0;  ///< Of all reads, at the rate that keys come here.
};

}  // namespace tableforge::tuner
