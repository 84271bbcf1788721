#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/cache/near.hpp"
#include "tableforge/host/ports/table_states.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/lobby/ports.hpp"
#include "tableforge/runtime/blocking_pool.hpp"
#include "tableforge/runtime/shards.hpp"

namespace tableforge::storage {

struct CacheClasses;
class CachedTableStates;

/// What is read most (the lobby's list, histories, states to load tables from), through the cache.
///
/// Threads: any shard of `shards`, whose own memory is asked. What blocks is done in the pool.
/// Owns:    the declarations of the cached classes; all else outlives it.
/// Errors:  those of the origin and of the cache: overloaded, timeout, cancelled. Never one of Redis.
class CachedReads {
 public:
  using Tables = std::vector<lobby::TableRecord>;
  using Events = std::vector<table::Event>;

  /// Events of one chunk of a history, the first of which is 1, 101, …
  static constexpr Seq kChunkEvents = 100;

  /// Where it is read when it is not at hand. Both block.
  struct Origin {
    std::function<Result<lobby::Read<Tables>>(std::optional<TableId> after)> tables;
    std::function<Result<Events>(TableId table, Seq from, std::size_t limit)> events;
  };

  struct Parts {
    runtime::Shards &shards;
    cache::Nears &nears;  ///< One for each shard, in their order.
    runtime::BlockingPool &pool;
    Knobs const &knobs;
    Origin origin;
  };

  explicit CachedReads(Parts parts);
  ~CachedReads();
  CachedReads(CachedReads const &) = delete;
  CachedReads &operator=(CachedReads const &) = delete;

  /// Public tables from the newest on, or behind `after`; as many as the origin gives at once.
  [[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<Tables const>>> tables(std::optional<TableId> after);
  /// After the commit of a change of the list: no instance shows a first page from before any more.
  [[nodiscard]] boost::asio::awaitable<void> tables_changed(std::uint64_t change);

  /// What `render` makes of these events. Whole chunks of what is committed for sure come from the cache, what is
  /// behind them from the journal. Decodes and renders in the pool.
  [[nodiscard]] boost::asio::awaitable<Result<std::string>> history(lobby::EventRange range,
                                                                    lobby::EventsRender render);

  /// A shard's own.
  [[nodiscard]] host::TableStates &table_states(std::size_t shard);

 private:
  [[nodiscard]] cache::Near &here();
  boost::asio::awaitable<Result<cache::Loaded<Tables>>> load_tables(std::optional<TableId> after);
  boost::asio::awaitable<Result<cache::Loaded<std::string>>> load_chunk(TableId table, Seq first);
  /// For audits of what was served. Turned away while the pool is busy.
  boost::asio::awaitable<cache::Unseen> unseen_by_tables(std::string key, std::shared_ptr<Tables const> tables);
  boost::asio::awaitable<cache::Unseen> unseen_by_state(std::string key, std::shared_ptr<host::KeptState const> state);

  Parts const parts_;
  std::unique_ptr<CacheClasses const> classes_;
  std::vector<std::unique_ptr<CachedTableStates>> states_;
};

}  // namespace tableforge::storage
