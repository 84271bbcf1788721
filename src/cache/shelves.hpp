#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "tableforge/cache/class.hpp"
#include "tableforge/cache/shelf.hpp"
#include "tableforge/cache/watch.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/flushable.hpp"
#include "tableforge/runtime/shard.hpp"

#include "cache/freshness.hpp"

namespace tableforge::cache {

/// L1 of one shard: a shelf for each class, judged by its knobs, and its share of the metrics.
///
/// Threads: the shard's.
/// Owns:    the shelves.
/// Bounds:  the bytes_max of each class as it is when something is kept, and at the end of each turn that used it.
/// Errors:  none.
class Shelves final : public runtime::Flushable {
 public:
  /// The seed is that of all shards of the process, so that a key is on the same side of a trial on each.
  Shelves(runtime::Shard &shard, metrics::CacheMetrics &metrics, std::uint64_t seed,
          std::function<Clock::time_point()> const &now, WatchMaker const &watch);
  ~Shelves();

  struct Hit {
    Entry const *entry;  ///< Null: nothing that may be served.
    bool refresh;
  };
  /// Counts a hit or a miss.
  [[nodiscard]] Hit look(ClassSpec const &cls, std::string_view key, Clock::time_point now);
  /// False if something is known that makes the entry doubtful; then it must not be served as if it were new either.
  bool keep(ClassSpec const &cls, std::string_view key, Entry entry);
  /// Nothing up to `version` is served or kept from now on.
  void invalidate(CacheClass cls, std::string_view key, Version version);
  /// The origin was asked, with or without success.
  void loaded(ClassSpec const &cls, std::string_view key, Clock::duration took);
  /// A value that was served at this age was compared with the origin.
  void compared(ClassSpec const &cls, Clock::duration age, bool stale);
  /// Forgets what lies there; the same may come back.
  void erase(CacheClass cls, std::string_view key);
  /// Forgets all that can change.
  void clear_mutable();

  /// What lies there, fresh or not. Counts as an access, like look().
  [[nodiscard]] Entry const *peek(ClassSpec const &cls, std::string_view key);
  [[nodiscard]] Freshness judge_now(Entry const &entry, ClassSpec const &cls, std::string_view key,
                                    Clock::time_point now);

  /// The end of a turn: what it did goes to the metrics, which all shards share, in one step.
  void flush() override;

 private:
  struct Tally {
    std::uint64_t hits = 0, negative_hits = 0, stale_served = 0, misses = 0;
  };
  struct Place {
    std::optional<Shelf> shelf;  // From the first use of its class.
    ClassSpec const *cls = nullptr;
    std::unique_ptr<Watch> watch;
    std::optional<KnobSplit::Part> split;  // As it was at split_seen.
    std::uint64_t split_seen = 0;
    Tally tally;
    std::uint64_t evictions_told = 0;
    std::int64_t bytes_told = 0;
    std::int64_t entries_told = 0;
  };

  /// Where a key stands while lifetimes are tried, and how long its value lives.
  struct Lot {
    TrialSide side;
    Clock::duration ttl;
  };

  Place &place_of(ClassSpec const &cls);
  [[nodiscard]] static Lot lot_of(Place &place, std::uint64_t hash);
  static void count(Place &place, std::uint64_t hash, TrialSide side, Entry const *served, Clock::time_point now);
  void tell(CacheClass cls, Place &place);

  runtime::Shard &shard_;
  metrics::CacheMetrics &metrics_;
  std::uint64_t const seed_;
  std::function<Clock::time_point()> const &now_;
  WatchMaker const &watch_;
  Draws draws_;
  std::array<Place, Words<CacheClass>::words.size()> places_;
};

}  // namespace tableforge::cache
