#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/tuner/cost.hpp"

#include "performance/tuner/load.hpp"
#include "performance/tuner/virtual_cache.hpp"

namespace tableforge::test {

/// Static lifetimes, √2 apart, from 0.1 to 290 s.
inline constexpr std::size_t kStatics = 24;
double static_ttl_s(std::size_t place);

/// What was, five minutes at a time.
inline constexpr double kBucketSeconds = 300;

/// Answers wait for a database of two cores as in a queue of one kind of customer; `misses` of ten seconds.
double p99_ms(double misses);

/// What every static lifetime costs under a load: all of them at once, since none changes what is asked.
class Hindsight {
 public:
  Hindsight(Scenario const &scenario, std::uint64_t seed, tuner::Weights const &weights);

  [[nodiscard]] std::size_t buckets() const { return costs_.size(); }
  [[nodiscard]] double reads() const { return reads_; }
  /// From bucket `from` on.
  [[nodiscard]] double cost(std::size_t place, std::size_t from) const;
  [[nodiscard]] std::size_t best_static(std::size_t from = 0) const;
  /// Each phase under the static lifetime that is best for it.
  [[nodiscard]] double oracle(std::size_t from) const;
  /// Of one bucket, for plots.
  [[nodiscard]] double bucket_cost(std::size_t place, std::size_t bucket) const;
  [[nodiscard]] double bucket_oracle(std::size_t bucket) const;
  [[nodiscard]] double bucket_reads(std::size_t bucket) const { return reads_by_bucket_[bucket]; }
  /// The lifetime that is best for the phase in which the bucket begins.
  [[nodiscard]] double oracle_ttl_s(std::size_t bucket) const;
  /// The slow end of the answers in the worst ten seconds.
  [[nodiscard]] double worst_p99_ms(std::size_t place) const { return p99_ms(most_misses_of(place)); }
  [[nodiscard]] double oracle_worst_p99_ms() const;
  /// How much more a lifetime costs in a phase than the best for it does.
  [[nodiscard]] double excess(std::size_t phase, double ttl_s) const;

 private:
  using ByPlace = std::array<double, kStatics>;
  struct Bucket {
    std::size_t phase;
    ByPlace cost{};
  };
  // A bucket for each phase that lies in a quarter of an hour.
  std::vector<std::vector<Bucket>> costs_;
  std::vector<ByPlace> by_phase_;
  std::vector<ByPlace> most_misses_;  ///< Of ten seconds, by phase.
  std::vector<double> reads_by_bucket_;
  double reads_ = 0;

  [[nodiscard]] std::size_t best_of_phase(std::size_t phase) const;
  [[nodiscard]] double most_misses_of(std::size_t place) const;
};

struct Decision {
  double at_s;
  double ttl_s;  ///< From then on.
  bool kept;
  std::string what{};  ///< For people: the trial, and its verdict.
};

/// One run with a lifetime that changes.
struct Run {
  std::vector<double> costs;  ///< By bucket.
  std::vector<double> stale;  ///< Reads that were, by bucket.
  std::vector<double> misses;
  std::vector<Decision> decisions;
  double worst_p99_ms = 0;
  std::size_t trials = 0;
  std::size_t reversals = 0;

  [[nodiscard]] double cost(std::size_t from) const;
  /// The lifetime in force at the end of a bucket.
  [[nodiscard]] double ttl_s(std::size_t bucket) const;
  /// Decisions, and hours, from the beginning of a phase until its cost is within 10 % of the best; none if never.
  struct Convergence {
    std::size_t decisions;
    double hours;
  };
  [[nodiscard]] std::optional<Convergence> converged(Scenario const &scenario, Hindsight const &hindsight,
                                                     std::size_t phase) const;
  /// The way gone by the way gained, in logarithms: 1 is straight.
  [[nodiscard]] double detour(double begin_s) const;
};

/// Hit rate below 70 %: half as long again. Above 95 %: back by as much. Every quarter of an hour, by the hits of the
/// minute before.
Run run_naive(Scenario const &scenario, std::uint64_t seed, double ttl_s, tuner::Weights const &weights);
/// The real tuner in the real loop, over the virtual cache. TABLEFORGE_TUNER_STEP_POWER replaces how far steps grow.
Run run_tuner(Scenario const &scenario, std::uint64_t seed, double ttl_s, tuner::Weights const &weights);

}  // namespace tableforge::test
