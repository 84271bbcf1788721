#pragma once

#include <string>

#include "tableforge/cache/near.hpp"
#include "tableforge/host/ports/table_states.hpp"

#include "storage/cache_classes.hpp"

namespace tableforge::storage {

/// States of tables in the read cache.
///
/// Threads: the shard's.
/// Owns:    nothing; cache and class outlive it.
class CachedTableStates final : public host::TableStates {
 public:
  CachedTableStates(cache::Near &near, CacheClasses const &classes) : near_(near), classes_(classes) {}

  [[nodiscard]] boost::asio::awaitable<std::shared_ptr<host::KeptState const>> find(TableId table) override;
  [[nodiscard]] boost::asio::awaitable<void> keep(TableId table, std::shared_ptr<host::KeptState const> state) override;
  [[nodiscard]] bool outlives_us() const override { return near_.shared(); }
  [[nodiscard]] boost::asio::awaitable<void> forget(TableId table, Seq seq) override;

 private:
  cache::Near &near_;
  CacheClasses const &classes_;
};

}  // namespace tableforge::storage
