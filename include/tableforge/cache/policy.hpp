#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "tableforge/cache/past_keys.hpp"
#include "tableforge/cache/policy_list.hpp"
#include "tableforge/cache/reuse_times.hpp"

namespace tableforge::cache {

/// Which entries are worth their room, as learnt from when keys are asked for again. It knows hashes and weights,
/// neither keys nor values, so recorded accesses can be replayed on it alone.
///
/// Each entry has a worth, the hits it promises for the time it takes up room (reuse_times.hpp), from how often its key
/// was asked for, how long before the latest time the one before was, and how long ago the latest is. What is worth
/// least by weight leaves, of a few that chance picks, as it does with least hit density (Beckmann, Chen, Cidon: "LHD",
/// 2018). A new entry must be worth more than all that it would push out together (Einziger, Eytan, Friedman, Manes,
/// "Lightweight robust size aware cache management", 2022), or it does not come in. There is neither a window nor a
/// list by recency: whether the latest or the frequent count is what is learnt.
///
/// Two things differ from LHD, which learns from what it keeps, in ages and classes of its entries. Keys are followed
/// while they are not here too (past_keys.hpp), so what leaves too soon is noticed; and worth looks ahead to the best
/// moment to give up rather than to the end. Accesses within a burst, after less than a sixteenth of the entries,
/// count once: of an object that a request asks for ten times the next request knows no more than of any other.
///
/// Hit rates on recorded traces, entries of weight 1, this as the mean of some seeds, which differ by 0.001:
///
///     |                            | corda+loop+corda 513 | loop 512 | multi1 1000 | orm-busy 1250 |
///     | LRU                        |                0.116 |    0.000 |       0.482 |         0.790 |
///     | W-TinyLFU, window of 1 %   |                0.324 |    0.500 |       0.683 |         0.643 |
///     | of 20 %                    |                0.379 |    0.405 |       0.652 |         0.765 |
///     | of 80 %                    |                0.181 |    0.101 |       0.527 |         0.795 |
///     | adapting its window        |                0.435 |    0.498 |       0.660 |         0.788 |
///     | this                       |                0.445 |    0.505 |       0.650 |         0.803 |
///     | optimum                    |                0.446 |    0.505 |       0.714 |         0.842 |
///
/// On orm-busy: 0.783 if worth is that of waiting to the end, 0.792 without the last gap and the count, 0.793 without
/// the count, 0.801 without the gap, 0.799 if all accesses count rather than bursts, 0.801 if worth follows at once
/// what is learnt; 0.796 with a past of 1 to 2 keys for each entry, 0.797 of 2 to 4, 0.801 of 4 to 8, 0.802 of 16 and
/// more; 0.798 if the least of 8 leaves, 0.801 of 16, 0.802 of 32, 0.803 of 128. Telling more apart made it worse by
/// 0.001 to 0.004: gaps of more than 16 times the entries, the gap before the last, how long a burst was, or what was
/// asked for just before. Each kind is then learnt from fewer keys, and these come in groups.
///
/// Threads: one.
/// Owns:    nothing; nodes are their owner's, who frees what add(), reweigh() and trim() put on a list for it.
/// Bounds:  O(1) for each access, amortised: once in a third as many accesses as there are entries it passes over
///          all of them, and once in one and a half times as many where there are more than 4,096. With 84,000 entries
///          (values of 200 bytes in 32 MiB) a pass takes 0.4 ms, and to grow to twice as many at most 1 ms, once. 24
///          bytes for each entry in pieces of 512, 45 KiB for what is learnt, and past_bytes_max for other keys' past,
///          or 16 bytes for each entry if that is more.
/// Errors:  none. The same calls with the same seed have the same outcome.
class Policy {
 public:
  using Node = PolicyNode;
  using List = PolicyList;

  /// Among how many the least worthy is looked for.
  static constexpr std::size_t kSample = 64;

  static constexpr std::size_t kUnbounded = static_cast<std::size_t>(-1);

  Policy(std::size_t weight_max, std::uint64_t seed, std::size_t past_bytes_max = kUnbounded);

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

  void set_weight_max(std::size_t weight_max, std::size_t past_bytes_max = kUnbounded);
  /// Makes up to `evictions_max` leave, the least worthy first, until the others fit. Whether they do.
  bool trim(std::size_t evictions_max, List &evicted);

  [[nodiscard]] std::size_t weight() const { return nodes_.weight(); }
  [[nodiscard]] std::size_t weight_max() const { return weight_max_; }
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  /// What is known of an entry. Apart from the entries, so that looking at many does not fetch each from far away.
  struct Place {
    Node *node = nullptr;
    KeyPast past;
    std::uint32_t weight = 0;
  };
  struct Sampled {
    Node *node = nullptr;
    float worth = 0;
    float weight = 0;
    [[nodiscard]] float by_weight() const { return worth / weight; }
  };
  using Sample = std::array<Sampled, kSample>;

  void tell(KeyPast &past);
  void observe(KeyPast const &past, float keys);
  void remember(std::uint64_t hash, KeyPast const &past);
  void asked();
  void learn();
  void make_for(std::size_t entries);
  [[nodiscard]] bool followed(KeyPast const &past) const { return (past.tag & followed_mask_) == 0; }

  void make_room_for(Node &node, List &evicted);
  [[nodiscard]] std::size_t choose_victims(Node const &node, std::span<Sampled> sample) const;
  void evict(Node &node, List &evicted);
  std::span<Sampled> take_sample(Sample &sample, Node const *except);
  [[nodiscard]] Sampled sampled(Place const &place) const;
  [[nodiscard]] std::size_t random_below(std::size_t end);

  std::deque<Place> places_;  // In no order. Not one block, which would be copied as a whole when it grows.
  List nodes_;                // The same, in the order in which they came.
  PastKeys past_keys_;
  ReuseTimes times_;
  std::size_t weight_max_;
  std::size_t past_bytes_max_;
  std::uint64_t random_;

  std::size_t made_for_ = 0;  // As many entries: a power of two.
  std::size_t learn_after_ = 0;
  std::uint16_t followed_mask_ = 0;
  ReuseTimes::Time now_ = 0;
  ReuseTimes::Time learnt_at_ = 0;
  std::size_t stride_begin_ = 0;
};

}  // namespace tableforge::cache
