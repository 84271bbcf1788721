#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "tableforge/metrics/access_filter.hpp"
#include "tableforge/tuner/audits.hpp"
#include "tableforge/tuner/heavy_keys.hpp"
#include "tableforge/tuner/miss_ratio_curve.hpp"
#include "tableforge/tuner/staleness_curve.hpp"
#include "tableforge/tuner/ttl_shadow.hpp"

namespace tableforge::tuner {

/// What one thread's cache tells the tuner of one class, and all that is made of it there: which lifetimes and which
/// sizes would have served the same reads better.
///
/// The cache asks wants() for each lookup, and calls looked() for what it lets through; that is the only part in the
/// way of a hit.
///
/// Threads: one.
/// Bounds:  about 4 MiB, if there are so many keys.
class CacheSampler {
 public:
  using Moment = TtlShadow::Moment;

  /// `epoch` is how often roll() is called.
  explicit CacheSampler(std::chrono::microseconds ttl, std::uint64_t seed = 1,
                        std::chrono::microseconds epoch = TtlShadow::kEpoch)
      : filter_(seed), shadow_(ttl, epoch) {}

  [[nodiscard]] bool wants(std::uint64_t hash) { return filter_.wants(hash); }
  /// For who asks it in the cache itself.
  [[nodiscard]] metrics::AccessFilter &filter() { return filter_; }
  /// A lookup that was wanted, hit or not. `bytes` is what the value occupies, 0 if that is not known yet.
  void looked(std::uint64_t hash, Moment now, std::size_t bytes);
  /// A change that the cache heard of.
  void invalidated(std::uint64_t hash, Moment now) {
    if (metrics::AccessFilter::is_sampled(hash) || filter_.may_be_hot(hash)) shadow_.invalidate(hash, now);
  }
  /// A hit whose value was compared with the database.
  void compared(std::chrono::microseconds age, bool stale);
  /// Once in each epoch, a minute: `reads` is how many lookups there were, wanted or not; `ttl` the lifetime in force.
  void roll(double reads, std::chrono::microseconds ttl);
  /// The load has become another one: evidence and staleness are learnt anew.
  void forget();

  [[nodiscard]] TtlEvidence evidence() const { return shadow_.evidence(); }
  [[nodiscard]] StalenessCurve const &staleness() const { return curve_; }
  /// Since the beginning.
  [[nodiscard]] Audits const &audits() const { return audits_; }
  [[nodiscard]] MissRatioCurve const &sizes() const { return sizes_; }

 private:
  /// Minutes until what was learnt counts for half: as many as evidence is kept.
  static constexpr unsigned kFadeEvery = TtlShadow::kEpochs;

  metrics::AccessFilter filter_;
  HeavyKeys heavy_;
  TtlShadow shadow_;
  StalenessCurve curve_;
  Audits audits_;
  MissRatioCurve sizes_;
  unsigned rolled_ = 0;
};

}  // namespace tableforge::tuner
