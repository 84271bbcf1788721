#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tableforge/cache/class.hpp"
#include "tableforge/cache/shelf.hpp"
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
  Shelves(runtime::Shard &shard, metrics::CacheMetrics &metrics, std::uint64_t seed);
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
  /// Forgets what lies there; the same may come back.
  void erase(CacheClass cls, std::string_view key);
  /// Forgets all that can change.
  void clear_mutable();

  /// What lies there, fresh or not. Counts as an access, like look().
  [[nodiscard]] Entry const *peek(ClassSpec const &cls, std::string_view key);
  [[nodiscard]] Freshness judge_now(Entry const &entry, ClassSpec const &cls, Clock::time_point now);

  /// The end of a turn: what it did goes to the metrics, which all shards share, in one step.
  void flush() override;

 private:
  struct Tally {
    std::uint64_t hits = 0, negative_hits = 0, stale_served = 0, misses = 0;
  };
  struct Place {
    std::optional<Shelf> shelf;  // From the first use of its class.
    ClassSpec const *cls = nullptr;
    Tally tally;
    std::uint64_t evictions_told = 0;
    std::int64_t bytes_told = 0;
    std::int64_t entries_told = 0;
  };

  Place &place_of(ClassSpec const &cls);
  void tell(CacheClass cls, Place &place);

  runtime::Shard &shard_;
  metrics::CacheMetrics &metrics_;
  std::uint64_t const seed_;
  Draws draws_;
  std::array<Place, Words<CacheClass>::words.size()> places_;
};

}  // namespace tableforge::cache
