#pragma once

#include <array>
#include <string_view>

#include "tableforge/metrics/histogram_snapshot.hpp"
#include "tableforge/tuner/audits.hpp"
#include "tableforge/tuner/cost.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/exposure.hpp"
#include "tableforge/tuner/staleness_curve.hpp"
#include "tableforge/tuner/ttl_evidence.hpp"

namespace tableforge::tuner {

/// One class of cached value as the tuner reaches it: a port that the cache serves.
///
/// Because lifetimes are computed when a value is read, a new one acts at once on what is cached already, and an old
/// one is back at once.
///
/// Threads: the tuner's; what the cache's threads counted is gathered behind it.
class CachedClass {
 public:
  /// What was counted of one side since the process began.
  struct Counts {
    double reads = 0;
    double cpu_ms = 0;
    double db_ms = 0;  ///< Of loads.
    double slo_excess_ms = 0;
    double held_mib_s = 0;
    std::array<double, AgeGrid::kPlaces> hits{};  ///< By the place of their age.
    metrics::HistogramSnapshot loads;
  };

  virtual ~CachedClass() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The knob, in milliseconds. Its upper bound is how stale a value of the class may be.
  [[nodiscard]] virtual KnobValue ttl() const = 0;
  /// Why its lifetime is none of the tuner's business; empty if it is.
  [[nodiscard]] virtual std::string_view locked() const { return {}; }
  virtual void expose_ttl(double ttl_ms, Exposure const &exposure) = 0;
  /// Everybody's, and nobody is exposed to another.
  virtual void set_ttl(double ttl_ms) = 0;

  /// `outside` are those of no cohort.
  [[nodiscard]] virtual Counts counts(Side side) const = 0;
  [[nodiscard]] virtual TtlEvidence evidence() const = 0;
  [[nodiscard]] virtual StalenessCurve staleness() const = 0;
  [[nodiscard]] virtual Audits audits() const = 0;
  /// Evidence and staleness are those of another load: both begin anew.
  virtual void forget() = 0;
};

/// How the whole server does: the values of the guards that every domain has.
struct Vitals {
  double p99_ms = 0;
  double error_share = 0;
  double rss_bytes = 0;
};

/// Where they come from.
class VitalSigns {
 public:
  virtual ~VitalSigns() = default;
  virtual void begin(Time now) = 0;
  /// Since begin().
  [[nodiscard]] virtual Vitals end(Time now) = 0;
};

}  // namespace tableforge::tuner
