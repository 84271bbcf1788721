#include "app/tuned_cache.hpp"

#include <vector>

#include "tableforge/tuner/cache_domain.hpp"

namespace tableforge::app {

namespace {

/// Below this a cache does nothing but coalesce, which it does anyway.
constexpr double kLobbyTtlMinMs = 50;

}  // namespace

TunedCache::TunedCache(Knobs &knobs, metrics::Catalogue const &metrics, std::chrono::microseconds epoch)
    : table_states_({.knobs = knobs.cache_table_state,
                     .ttl_min_ms = 0,
                     .ttl_max_ms = 0,
                     .locked = "a table's state is good however old, since what came behind it is always read",
                     .epoch = epoch}),
      lobby_pages_({.knobs = knobs.cache_lobby_page,
                    .ttl_min_ms = kLobbyTtlMinMs,
                    .ttl_max_ms = kLobbyStaleMaxMs,
                    .locked = {},
                    .epoch = epoch}),
      history_pages_({.knobs = knobs.cache_history_page,
                      .ttl_min_ms = 0,
                      .ttl_max_ms = 0,
                      .locked = "nothing of it ever changes, so that its memory bounds it and not its lifetime",
                      .epoch = epoch}),
      vitals_(metrics) {}

cache::WatchMaker TunedCache::watches() {
  return [this](cache::ClassSpec const &cls) -> std::unique_ptr<cache::Watch> {
    switch (cls.id) {
      case metrics::CacheClass::table_state: return table_states_.watch();
      case metrics::CacheClass::lobby_page: return lobby_pages_.watch();
      case metrics::CacheClass::history_page: return history_pages_.watch();
    }
    return nullptr;
  };
}

std::unique_ptr<tuner::Domain> TunedCache::domain() {
  std::vector<tuner::CachedClass *> classes{&table_states_, &lobby_pages_, &history_pages_};
  return std::make_unique<tuner::CacheDomain>(std::move(classes), vitals_, tuner::CacheDomain::Options{});
}

}  // namespace tableforge::app
