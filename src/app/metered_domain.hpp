#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/tuner/domain.hpp"

namespace tableforge::app {

/// A domain of the tuner, and in the metrics how long it takes to give a knob its old value back.
///
/// Threads: the tuner's.
/// Owns:    the domain.
class MeteredDomain final : public tuner::Domain {
 public:
  /// The domain's name is one of metrics::TunerDomain's words.
  MeteredDomain(std::unique_ptr<tuner::Domain> domain, metrics::TunerMetrics &metrics);

  [[nodiscard]] metrics::TunerDomain id() const { return id_; }

  [[nodiscard]] std::string_view name() const override { return domain_->name(); }
  [[nodiscard]] tuner::CouplingGroup group() const override { return domain_->group(); }
  [[nodiscard]] std::span<tuner::Guard const> guards() const override { return domain_->guards(); }
  [[nodiscard]] double requests_min() const override { return domain_->requests_min(); }
  [[nodiscard]] std::vector<tuner::KnobValue> knobs() const override { return domain_->knobs(); }
  [[nodiscard]] tuner::Cost total() const override { return domain_->total(); }
  tuner::Alarm look(Time now) override { return domain_->look(now); }
  [[nodiscard]] tuner::Ranking rank(Time now, tuner::Weights const &weights, tuner::StepLimits const &limits) override {
    return domain_->rank(now, weights, limits);
  }
  [[nodiscard]] Result<tuner::Applied> apply(std::vector<tuner::Change> const &changes,
                                             tuner::Exposure const &exposure) override {
    return domain_->apply(changes, exposure);
  }
  void begin_reading(Time now) override { domain_->begin_reading(now); }
  [[nodiscard]] tuner::Reading end_reading(Time now) override { return domain_->end_reading(now); }
  [[nodiscard]] Result<void> keep(std::vector<tuner::Change> const &changes) override { return domain_->keep(changes); }
  [[nodiscard]] Result<void> undo(std::vector<tuner::Change> const &changes) override;
  void learn(std::vector<tuner::Change> const &changes, tuner::Verdict verdict, Time now) override {
    domain_->learn(changes, verdict, now);
  }

 private:
  std::unique_ptr<tuner::Domain> domain_;
  metrics::TunerDomain id_;
  metrics::TunerMetrics &metrics_;
};

}  // namespace tableforge::app
