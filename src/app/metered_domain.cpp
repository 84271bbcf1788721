#include "app/metered_domain.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::app {

namespace {

metrics::TunerDomain id_of(tuner::Domain const &domain) {
  auto const id = from_word<metrics::TunerDomain>(domain.name());
  TF_CHECK(id.has_value());
  return *id;
}

}  // namespace

MeteredDomain::MeteredDomain(std::unique_ptr<tuner::Domain> domain, metrics::TunerMetrics &metrics)
    : domain_(std::move(domain)), id_(id_of(*domain_)), metrics_(metrics) {}

Result<void> MeteredDomain::undo(std::vector<tuner::Change> const &changes) {
  auto const begun = std::chrono::steady_clock::now();
  auto undone = domain_->undo(changes);
  metrics_.rollback.record(std::chrono::steady_clock::now() - begun);
  return undone;
}

}  // namespace tableforge::app
