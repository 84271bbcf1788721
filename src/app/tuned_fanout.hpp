#pragma once

#include <chrono>
#include <memory>

#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/fanout.hpp"
#include "tableforge/tuner/window_governor.hpp"

#include "app/server_vitals.hpp"

namespace tableforge::app {

/// The server's sockets as the tuner reaches them, by what the server exports anyway.
///
/// Threads: the tuner's.
/// Owns:    the inner law of the windows; outlives the domain.
class TunedFanout final : public tuner::Fanout {
 public:
  /// `block` is the tuner's minute.
  TunedFanout(Knobs &knobs, metrics::Catalogue const &metrics, std::chrono::milliseconds block);

  [[nodiscard]] tuner::FanoutCounts counts() const override;
  [[nodiscard]] std::unique_ptr<tuner::Domain> domain();
  [[nodiscard]] tuner::WindowGovernor &governor() { return governor_; }

 private:
  Knobs &knobs_;
  metrics::Catalogue const &metrics_;
  std::chrono::milliseconds block_;
  ServerVitals vitals_;
  tuner::WindowGovernor governor_;
};

}  // namespace tableforge::app
