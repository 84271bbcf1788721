#pragma once

#include <chrono>
#include <memory>

#include "tableforge/cache/watch.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/tuner/domain.hpp"

#include "app/server_vitals.hpp"
#include "app/tuned_class.hpp"

namespace tableforge::app {

/// The server's cache as the tuner reaches it: its classes, and which of their lifetimes are the tuner's business.
///
/// Threads: the tuner's, but for what watches() makes, which each shard calls.
/// Owns:    the classes; outlives the cache whose reads it watches, and the domain.
class TunedCache {
 public:
  /// Whoever opens the lobby expects the table that was made a moment ago; half a minute is the worst that may be.
  static constexpr double kLobbyStaleMaxMs = 30'000;

  /// `epoch` is a stretch of evidence.
  TunedCache(Knobs &knobs, metrics::Catalogue const &metrics, std::chrono::microseconds epoch);

  [[nodiscard]] cache::WatchMaker watches();
  [[nodiscard]] std::unique_ptr<tuner::Domain> domain();

 private:
  TunedClass table_states_;
  TunedClass lobby_pages_;
  TunedClass history_pages_;
  ServerVitals vitals_;
};

}  // namespace tableforge::app
