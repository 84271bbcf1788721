#pragma once

#include <string_view>
#include <vector>

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/tuner/ports/record.hpp"

namespace tableforge::app {

/// The tuner's record, and in the metrics and the log how its trials end.
///
/// Threads: the tuner's.
/// Owns:    neither of the two, which outlive it.
class MeteredRecord final : public tuner::Record {
 public:
  MeteredRecord(tuner::Record &record, metrics::TunerMetrics &metrics) : record_(record), metrics_(metrics) {}

  [[nodiscard]] Result<void> append(tuner::Action const &action) override;
  [[nodiscard]] Result<std::vector<tuner::Action>> unfinished(std::string_view domain) override {
    return record_.unfinished(domain);
  }
  [[nodiscard]] Result<void> remember(tuner::KnobState const &state) override { return record_.remember(state); }
  [[nodiscard]] Result<std::vector<tuner::KnobState>> recall(std::string_view domain) override {
    return record_.recall(domain);
  }
  [[nodiscard]] Result<void> note(std::string_view domain, tuner::Observation const &seen) override {
    return record_.note(domain, seen);
  }

 private:
  void count(tuner::Action const &action);

  tuner::Record &record_;
  metrics::TunerMetrics &metrics_;
};

}  // namespace tableforge::app
