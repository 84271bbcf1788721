#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "tableforge/cache/class.hpp"
#include "tableforge/knobs/exposure.hpp"
#include "tableforge/metrics/access_filter.hpp"
#include "tableforge/metrics/age_grid.hpp"
#include "tableforge/metrics/histogram.hpp"

namespace tableforge::cache {

/// What the reads of one class cost on one shard, apart for each side of a trial; outside of one, all are `outside`.
///
/// Threads: one writes, any reads. A sum that is read meanwhile is one that could have been.
/// Bounds:  33 KiB.
class ReadCounts {
 public:
  struct Side {
    std::atomic<std::uint64_t> reads{0};
    std::array<std::atomic<std::uint64_t>, metrics::AgeGrid::kPlaces> hits{};  ///< By the place of their age.
    metrics::LatencyHistogram loads;                                           ///< From the origin.
  };

  [[nodiscard]] Side const &of(TrialSide side) const { return sides_[static_cast<std::size_t>(side)]; }

  void missed(TrialSide side) { bump(at(side).reads); }
  void hit(TrialSide side, Clock::duration age) {
    bump(at(side).reads);
    bump(at(side).hits[metrics::AgeGrid::place_of(std::chrono::duration_cast<std::chrono::microseconds>(age))]);
  }
  void loaded(TrialSide side, Clock::duration took) { at(side).loads.record(took); }

 private:
  [[nodiscard]] Side &at(TrialSide side) { return sides_[static_cast<std::size_t>(side)]; }
  // With a single writer an increment need not be one step.
  static void bump(std::atomic<std::uint64_t> &count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::array<Side, 3> sides_;
};

/// Whoever looks at the reads of one class on one shard: a port of the cache, for what is made of them elsewhere.
///
/// A look-up costs it a few counts; only what the filter lets through is told.
///
/// Threads: the shard's.
class Watch {
 public:
  /// Both outlive it.
  Watch(ReadCounts &counts, metrics::AccessFilter &filter) : counts_(counts), filter_(filter) {}
  virtual ~Watch() = default;
  Watch(Watch const &) = delete;
  Watch &operator=(Watch const &) = delete;

  [[nodiscard]] ReadCounts &counts() { return counts_; }
  [[nodiscard]] bool wants(std::uint64_t hash) { return filter_.wants(hash); }

  /// A look-up that was wanted, hit or not. `bytes` of the value, 0 if there is none.
  virtual void looked(std::uint64_t hash, Clock::time_point now, std::size_t bytes) = 0;
  /// A change that was heard of.
  virtual void invalidated(std::uint64_t hash, Clock::time_point now) = 0;
  /// A value that was served at this age was compared with the origin.
  virtual void compared(Clock::duration age, bool stale) = 0;
  /// The end of a turn of the shard in which something was read.
  virtual void turn_ended(Clock::time_point now) = 0;

 private:
  ReadCounts &counts_;
  metrics::AccessFilter &filter_;
};

/// Called on the shard, at the first use of a class there. Null for a class that nobody looks at.
using WatchMaker = std::function<std::unique_ptr<Watch>(ClassSpec const &cls)>;

}  // namespace tableforge::cache
