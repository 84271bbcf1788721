#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tableforge::tuner {

/// The keys that are asked for most, from a sample of what is asked: Space-Saving (Metwally, Agrawal, El Abbadi,
/// "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005). A key that has no counter takes
/// over the lowest one, count and all, so every key that is asked for more often than one time in `kCounters` is there.
///
/// Threads: one.
/// Bounds:  `kCounters` counters; an offer that takes one over looks through all of them, 100 ns.
class HeavyKeys {
 public:
  static constexpr std::size_t kCounters = 256;
  static constexpr std::size_t kTop = 64;

  void offer(std::uint64_t hash);
  /// The `kTop` that were offered most, the most first. What was offered counts for half from then on, so that what
  /// was hot once is forgotten.
  [[nodiscard]] std::vector<std::uint64_t> take_top();

 private:
  struct Counter {
    std::uint64_t hash;
    double count;
  };
  std::vector<Counter> counters_;
  std::unordered_map<std::uint64_t, std::size_t> places_;
};

}  // namespace tableforge::tuner
