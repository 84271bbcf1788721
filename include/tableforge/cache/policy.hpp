#pragma once

#include <cstddef>
#include <cstdint>

#include "tableforge/cache/frequency_sketch.hpp"
#include "tableforge/cache/policy_list.hpp"
#include "tableforge/cache/recent_keys.hpp"

namespace tableforge::cache {

/// Which entries are worth their room: W-TinyLFU with a window that adapts itself. It knows hashes and weights, neither
/// keys nor values, so recorded accesses can be replayed on it alone.
///
/// New entries pass through a window, kept by recency. What leaves the window competes with the oldest of the main
/// part, by how often each was asked for lately; the main part is a segmented LRU, four fifths of it for what was asked
/// for there again (Einziger, Friedman, Manes: "TinyLFU", 2017). An entry competes with as many others as its weight
/// would push out, and must have been asked for more often than all of them together (Einziger, Eytan, Friedman, Manes,
/// "Lightweight robust size aware cache management", 2022: "aggregated victims").
///
/// How large the window is decides between recency and frequency, and no fixed share serves both. "Adaptive software
/// cache management" (the same authors, 2018) climbs by the hit rate, whose differences between two samples are mostly
/// chance. Here each part is asked what it is worth:
///
///     w = hits in its old fifth / their weight + hits that LRU alone would have had / the whole weight
///     m = hits in probation / their weight + hits that LRU would not have had / the whole weight
///     share += 0.05 * (w - m) / (w + m), once in as many accesses as there are entries
///
/// The first terms are what a part loses where it shrinks; they find the balance, and are blind when no key comes back
/// so soon as to be found in a small window. The second (recent_keys.hpp) see that. Both are sums in which a sample
/// counts 0.8 of the one after it. Hit rates on recorded traces, entries of weight 1, those of the last four policies
/// as means of 4 to 12 seeds:
///
///     |                            | corda 513 | corda+loop+corda 513 | loop 512 | multi1 1000 | orm-busy 1250 |
///     | LRU                        |     0.333 |                0.116 |    0.000 |       0.482 |         0.790 |
///     | a window of 1 %            |     0.004 |                0.324 |    0.500 |       0.683 |         0.643 |
///     | of 20 %                    |     0.333 |                0.379 |    0.405 |       0.652 |         0.765 |
///     | of 80 %                    |     0.333 |                0.181 |    0.101 |       0.527 |         0.795 |
///     | climbing by the hit rate   |     0.319 |                0.409 |    0.497 |       0.680 |         0.750 |
///     | first terms only, 0.5      |     0.333 |                0.426 |    0.498 |       0.660 |         0.786 |
///     | 0.5 instead of 0.8         |     0.333 |                0.437 |    0.498 |       0.661 |         0.782 |
///     | 0.9, thrice the second     |     0.333 |                0.433 |    0.498 |       0.662 |         0.785 |
///     | this                       |     0.333 |                0.435 |    0.498 |       0.661 |         0.789 |
///     | optimum                    |     0.333 |                0.446 |    0.505 |       0.714 |         0.842 |
///
/// Counting no accesses to the young, which are bursts, made no difference (0.790 on orm-busy, 0.653 on multi1).
/// Without the second terms a load whose keys come back once, after 600 others, had 1.5 % in a cache of 1000 where LRU
/// has 50 %.
///
/// On orm-busy the latest counts most, and little can be gained: in throw-away implementations ARC had 0.788, S3-FIFO
/// 0.791, LIRS 0.791, LRFU 0.792 and least hit density 0.780, with the best of a few parameters, and the best fixed
/// window of each 20,000 accesses, chosen in hindsight, 0.800.
///
/// Threads: one.
/// Owns:    nothing; nodes are their owner's, who frees what add(), reweigh() and trim() put on a list for it.
/// Bounds:  O(1) for each access, amortised; a larger or smaller window comes about by kMovesMax nodes for each
///          that is added.
/// Errors:  none. The same calls with the same seed have the same outcome.
class Policy {
 public:
  using Node = PolicyNode;
  using List = PolicyList;

  static constexpr std::size_t kMovesMax = 8;
  /// How many others one entry is compared with. Beyond that, those found speak for the rest.
  static constexpr std::size_t kVictimsMax = 64;

  Policy(std::size_t weight_max, std::uint64_t seed);

  /// It was asked for, and is here.
  void touch(Node &node);
  /// It was asked for, and is not here.
  void miss(std::uint64_t hash);

  /// Takes a node, whose hash and weight are set. What must leave for it is appended to `evicted`, perhaps itself.
  void add(Node &node, List &evicted);
  /// The same, for one that is here and changes its weight.
  void reweigh(Node &node, std::uint32_t weight, List &evicted);
  void remove(Node &node);
  /// All leave, at once.
  void clear(List &evicted);

  void set_weight_max(std::size_t weight_max);
  /// Makes up to `evictions_max` leave, the oldest first, until the others fit. Whether they do.
  bool trim(std::size_t evictions_max, List &evicted);

  [[nodiscard]] std::size_t weight() const;
  [[nodiscard]] std::size_t weight_max() const { return weight_max_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The window's share of the weight, as it should be.
  [[nodiscard]] double window_share() const { return window_share_; }

 private:
  // In each part the segments are one queue: what is young or protected and overflows goes to the head of the other.
  [[nodiscard]] List &segment(Segment which) { return segments_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] List const &segment(Segment which) const { return segments_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] std::size_t window_weight() const;
  [[nodiscard]] std::size_t main_weight() const;
  [[nodiscard]] Node *window_tail();
  [[nodiscard]] Node *main_tail();

  void enter(Node &node);
  void move(Node &node, Segment to);
  void evict(Node &node, List &evicted);
  void asked();
  void set_limits();
  void overflow();
  void make_room(List &evicted);
  void compete(Node &candidate, List &evicted);
  [[nodiscard]] bool beats_victims(Node const &candidate, std::size_t weight_needed);
  [[nodiscard]] bool lucky();
  void adapt();
  void migrate();

  List segments_[kSegments];
  FrequencySketch sketch_;
  RecentKeys recent_;
  std::size_t weight_max_;
  std::size_t size_ = 0;
  std::uint64_t random_;

  double window_share_;
  std::size_t window_max_ = 0;  // Follows from the share, as do the next two.
  std::size_t young_max_ = 0;
  std::size_t protected_max_ = 0;
  bool migrating_ = false;

  std::size_t asked_ = 0;  // The next six since the latest sample.
  std::size_t evicted_ = 0;
  std::size_t old_hits_ = 0;
  std::size_t probation_hits_ = 0;
  std::size_t lru_only_hits_ = 0;
  std::size_t main_only_hits_ = 0;
  double window_yield_ = 0;
  double main_yield_ = 0;
};

}  // namespace tableforge::cache
