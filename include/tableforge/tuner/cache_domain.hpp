#pragma once

#include <array>
#include <string>
#include <vector>

#include "tableforge/tuner/cached_class.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/rate_watch.hpp"

namespace tableforge::tuner {

/// The lifetimes of cached values.
///
/// A candidate is one step of one class towards the lifetime that would have cost least, among 16, on the reads of the
/// last quarter of an hour. It is tried on half of the keys against the other half, or, where they are few, on all of
/// them in turns. What a side costs is counted
/// (loads, the database's and our own time), but for stale reads: those are the hits of each age, by how probable it is
/// at that age, which is learnt from all values that were compared with the database; comparing enough of each side in
/// half a minute would cost more than it tells.
///
/// Where staleness is found three times as often as expected, or a third as often, the load has become another one:
/// what was learnt of it is dropped, and as soon as there is evidence again the domain is ready. So it is after a
/// change that was kept, since the next one need not wait.
///
/// A knob that somebody else turned meanwhile is not touched again, and a trial of it ends.
///
/// Threads: the tuner's.
/// Owns:    none of the classes; they outlive it.
class CacheDomain : public Domain {
 public:
  struct Options {
    double requests_min = 200;   ///< Of a side, in half a block.
    std::size_t epochs_min = 3;  ///< Minutes of evidence before anything is proposed,
    double samples_min = 1'000;  ///< reads in them,
    double compared_min = 100;   ///< and values compared with the database.
    double hit_cpu_ms = 0;       ///< What a hit costs; a load's cost is counted.
    /// With fewer keys a cohort of one in 16 may be nobody: all of them take turns instead.
    double cohort_keys_min = 256;
  };

  CacheDomain(std::vector<CachedClass *> classes, VitalSigns &vitals, Options options);

  [[nodiscard]] std::string_view name() const override { return "cache"; }
  [[nodiscard]] CouplingGroup group() const override { return CouplingGroup::cache_and_database; }
  [[nodiscard]] std::span<Guard const> guards() const override { return kGuards; }
  [[nodiscard]] double requests_min() const override { return options_.requests_min; }
  [[nodiscard]] std::vector<KnobValue> knobs() const override;
  [[nodiscard]] Cost total() const override;
  Alarm look(Time now) override;
  [[nodiscard]] Ranking rank(Time now, Weights const &weights, StepLimits const &limits) override;
  [[nodiscard]] Result<Applied> apply(std::vector<Change> const &changes, Exposure const &exposure) override;
  void begin_reading(Time now) override;
  [[nodiscard]] Reading end_reading(Time now) override;
  [[nodiscard]] Result<void> keep(std::vector<Change> const &changes) override;
  [[nodiscard]] Result<void> undo(std::vector<Change> const &changes) override;

 private:
  /// Database load is no guard here: it is half of what the objective trades against stale reads.
  static constexpr std::array<Guard, 4> kGuards{
      kLatencyGuard, kErrorGuard, kMemoryGuard, {"load_p99_ms", Guard::Kind::ratio, 0.10}};

  /// What is known of one class.
  struct Watched {
    Audits audited;
    RateWatch watch;
    bool awaited = false;  ///< There is to be a slot as soon as there is evidence.
  };

  [[nodiscard]] CachedClass *find(std::string_view knob) const;
  /// What is missing before anything can be proposed; empty for nothing.
  [[nodiscard]] std::string missing(TtlEvidence const &evidence, StalenessCurve const &curve) const;

  std::vector<CachedClass *> classes_;
  VitalSigns &vitals_;
  Options options_;
  std::vector<Watched> watched_;  ///< In the order of the classes.

  CachedClass *tried_ = nullptr;  ///< Whose reads are compared, from apply() on until it is kept or undone.
  std::array<CachedClass::Counts, 2> begun_;
};

}  // namespace tableforge::tuner
