#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "tableforge/base/guarded.hpp"
#include "tableforge/cache/watch.hpp"
#include "tableforge/knobs/cache_knobs.hpp"
#include "tableforge/tuner/cached_class.hpp"

namespace tableforge::app {

/// One class of the real cache, where the tuner reaches it: the counts of all shards together, what their samplers make
/// of the reads, and its lifetime's knob.
///
/// Threads: the tuner's, but for watch(), which each shard calls.
/// Owns:    what is seen on each shard, together with the shard.
class TunedClass final : public tuner::CachedClass {
 public:
  struct Spec {
    CacheKnobs &knobs;
    double ttl_min_ms;
    double ttl_max_ms;        ///< How stale a value may be; settings that say more are believed.
    std::string_view locked;  ///< Why its lifetime is not tuned; empty if it is.
    std::chrono::microseconds epoch;
  };

  /// What the knob is now is what it is at boot.
  explicit TunedClass(Spec const &spec);

  /// For one shard, which owns it.
  [[nodiscard]] std::unique_ptr<cache::Watch> watch();

  [[nodiscard]] std::string_view name() const override { return ttl_name_; }
  [[nodiscard]] tuner::KnobValue ttl() const override;
  [[nodiscard]] std::string_view locked() const override { return spec_.locked; }
  void expose_ttl(double ttl_ms, tuner::Exposure const &exposure) override;
  void set_ttl(double ttl_ms) override;
  [[nodiscard]] Counts counts(tuner::Side side) const override;
  [[nodiscard]] tuner::TtlEvidence evidence() const override;
  [[nodiscard]] tuner::StalenessCurve staleness() const override;
  [[nodiscard]] tuner::Audits audits() const override;
  void forget() override;

 private:
  class ShardWatch;
  /// What a shard tells once in each epoch.
  struct Published {
    tuner::TtlEvidence evidence;
    tuner::StalenessCurve staleness;
    tuner::Audits audits;
    unsigned forgotten = 0;  ///< How often the shard had been told to forget.
  };
  struct Seen {
    cache::ReadCounts counts;
    Guarded<std::shared_ptr<Published const>> published;
    std::atomic<unsigned> forget{0};  ///< How often; the shard does it at the end of a turn.
  };

  [[nodiscard]] std::vector<std::shared_ptr<Seen>> all() const;

  Spec spec_;
  std::string_view ttl_name_;
  double boot_ms_;
  Guarded<std::vector<std::shared_ptr<Seen>>> seen_;
};

}  // namespace tableforge::app
