#include "app/tuned_domains.hpp"

#include <algorithm>
#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::app {

TunedDomains::TunedDomains(Parts const &parts, TunerPlan const &plan)
    : plan_(plan),
      metrics_(parts.metrics.tuner),
      cache_(parts.knobs, parts.metrics, parts.settings.tuner_block),
      fanout_(parts.knobs, parts.metrics, parts.settings.tuner_block) {
  if (plan.mode == tuner::Mode::off) return;
  add(cache_.domain());
  add(fanout_.domain());
}

std::vector<tuner::TunedDomain> TunedDomains::tuned() const {
  std::vector<tuner::TunedDomain> tuned;
  for (auto const &domain : domains_) tuned.push_back({*domain, plan_.schedule(domain->id())});
  return tuned;
}

void TunedDomains::add(std::unique_ptr<tuner::Domain> domain) {
  auto metered = std::make_unique<MeteredDomain>(std::move(domain), metrics_);
  TF_CHECK(std::ranges::none_of(domains_, [&](auto const &other) { return other->id() == metered->id(); }));
  domains_.push_back(std::move(metered));
}

}  // namespace tableforge::app
