#pragma once

#include <memory>
#include <vector>

#include "tableforge/config/settings.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/tuner/tuner.hpp"

#include "app/metered_domain.hpp"
#include "app/tuned_cache.hpp"
#include "app/tuned_fanout.hpp"
#include "app/tuner_plan.hpp"

namespace tableforge::app {

/// Everything of this server that can be tuned: the one place where a domain is added. There are none in mode `off`.
///
/// Threads: the tuner's, but for the cache's watches.
/// Owns:    the domains, and what they measure by.
class TunedDomains {
 public:
  struct Parts {
    config::Settings const &settings;
    Knobs &knobs;
    metrics::Catalogue &metrics;
  };
  TunedDomains(Parts const &parts, TunerPlan const &plan);
  TunedDomains(TunedDomains const &) = delete;
  TunedDomains &operator=(TunedDomains const &) = delete;

  [[nodiscard]] TunedCache &cache() { return cache_; }
  [[nodiscard]] TunedFanout &fanout() { return fanout_; }
  [[nodiscard]] std::vector<std::unique_ptr<MeteredDomain>> const &all() const { return domains_; }
  /// The same for the loop, each with its schedule.
  [[nodiscard]] std::vector<tuner::TunedDomain> tuned() const;

 private:
  void add(std::unique_ptr<tuner::Domain> domain);

  TunerPlan const &plan_;
  metrics::TunerMetrics &metrics_;
  TunedCache cache_;
  TunedFanout fanout_;
  std::vector<std::unique_ptr<MeteredDomain>> domains_;
};

}  // namespace tableforge::app
