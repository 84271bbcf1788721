#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "tableforge/base/time.hpp"
#include "tableforge/metrics/histogram.hpp"
#include "tableforge/tuner/cache_sampler.hpp"
#include "tableforge/tuner/cached_class.hpp"

#include "performance/tuner/load.hpp"

namespace tableforge::test {

/// What things cost in the model: a load takes 2 ms of the database and 0.2 of the server, a hit 5 µs.
struct ModelCosts {
  double load_db_ms = 2;
  double load_cpu_ms = 0.2;
  double hit_cpu_ms = 0.005;
};

/// What happened, as nobody but the model knows it.
struct Truth {
  double reads = 0;
  double misses = 0;
  double stale = 0;

  [[nodiscard]] double cost(ModelCosts const &costs, tuner::Weights const &weights) const {
    return tuner::price({.requests = reads,
                         .cpu_ms = misses * costs.load_cpu_ms + (reads - misses) * costs.hit_cpu_ms,
                         .db_ms = misses * costs.load_db_ms,
                         .stale_reads = stale},
                        weights);
  }
};

/// A model of one class in the real cache, behind the same port: lifetimes computed at read, values that may be stale
/// because nobody heard of a write, loads whose time varies (by 40 % from one to the next, and all together by 5 %,
/// which wanders), one in 256 hits compared with the database. Virtual time.
///
/// Threads: one.
class VirtualCache final : public tuner::CachedClass, public tuner::VitalSigns {
 public:
  static constexpr unsigned kComparedEvery = 256;

  VirtualCache(double ttl_s, std::uint64_t seed, std::size_t keys = Load::kKeys, double ttl_max_s = 300);

  void read(Load::Read const &read);
  /// Once a virtual minute.
  void roll();

  [[nodiscard]] Truth const &truth() const { return truth_; }
  [[nodiscard]] double hit_share_lately() const;
  [[nodiscard]] ModelCosts const &costs() const { return costs_; }

  [[nodiscard]] std::string_view name() const override { return "page"; }
  [[nodiscard]] tuner::KnobValue ttl() const override;
  void expose_ttl(double ttl_ms, tuner::Exposure const &exposure) override;
  void set_ttl(double ttl_ms) override;
  [[nodiscard]] Counts counts(tuner::Side side) const override;
  [[nodiscard]] tuner::TtlEvidence evidence() const override { return sampler_.evidence(); }
  [[nodiscard]] tuner::StalenessCurve staleness() const override { return sampler_.staleness(); }
  [[nodiscard]] tuner::Audits audits() const override { return audits_; }
  void forget() override { sampler_.forget(); }

  void begin(Time now) override;
  [[nodiscard]] tuner::Vitals end(Time now) override;

 private:
  struct Counted {
    double reads = 0;
    double cpu_ms = 0;
    double db_ms = 0;
    std::array<double, tuner::AgeGrid::kPlaces> hits{};
    metrics::LatencyHistogram loads;
  };

  ModelCosts costs_;
  std::vector<double> filled_;
  std::vector<std::uint64_t> hashes_;
  double ttl_s_;
  double boot_ttl_s_;
  double ttl_max_s_;
  double tried_s_ = 0;
  tuner::Exposure exposure_;
  tuner::CacheSampler sampler_;
  tuner::Audits audits_;  ///< As of the latest roll, as the server hands them over.
  std::array<Counted, 3> sides_;
  Truth truth_;
  Truth rolled_;
  Truth before_;
  std::mt19937_64 random_;
  std::array<double, 1024> load_noise_;
  double wander_ = 0;
  Time begun_{};
  double begun_db_ms_ = 0;
};

}  // namespace tableforge::test
