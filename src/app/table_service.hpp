#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tableforge/cache/near.hpp"
#include "tableforge/config/settings.hpp"
#include "tableforge/gateway/server.hpp"
#include "tableforge/host/open_tables.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/lobby/lobby.hpp"
#include "tableforge/lobby/tokens.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/redis/client.hpp"
#include "tableforge/relay/redis_relay.hpp"
#include "tableforge/runtime/blocking_pool.hpp"
#include "tableforge/runtime/scope.hpp"
#include "tableforge/runtime/shards.hpp"
#include "tableforge/storage/cached_reads.hpp"
#include "tableforge/storage/connection_pool.hpp"
#include "tableforge/storage/journal_history.hpp"
#include "tableforge/storage/postgres_journal.hpp"
#include "tableforge/storage/postgres_lobby_stores.hpp"
#include "tableforge/storage/postgres_snapshot_store.hpp"

#include "app/backend_watch.hpp"
#include "app/readiness.hpp"
#include "gateway/api_routes.hpp"

namespace tableforge::app {

/// What redis::Client is to do with --redis-url.
Result<redis::Client::Options> redis_options(std::string const &url);

/// Everything that serves tables, from the journal to the public door.
///
/// Threads: its owner's, which is no shard.
/// Owns:    all of it, declared in the order of need; it dies in the reverse, after the shards' threads have ended.
/// Errors:  of open(): those of gateway::PublicServer::start().
class TableService {
 public:
  TableService(config::Settings const &settings, redis::Client::Options const &redis,
               std::vector<std::string> token_keys, std::vector<table::GameSystem> systems, Readiness &readiness,
               metrics::Catalogue &metrics, Knobs const &knobs, cache::WatchMaker watch);
  ~TableService();
  TableService(TableService const &) = delete;
  TableService &operator=(TableService const &) = delete;

  /// Listens, and looks after tables from then on.
  [[nodiscard]] Result<void> open();
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

  /// The orderly end: no new connections, goodbyes with spread hints, what is being committed is committed and told,
  /// the rest is closed. Blocks, about as long as the limit at the most.
  void drain(std::chrono::milliseconds limit);

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<std::unique_ptr<redis::Client>> clients_on_all(redis::Client::Options const &redis);
  std::vector<cache::Nears::Seat> seats();
  storage::CachedReads::Origin origin();
  std::vector<std::unique_ptr<relay::RedisRelay>> relays_on_all(config::Settings const &settings,
                                                                redis::Client::Options const &redis);
  std::vector<std::unique_ptr<runtime::Scope>> scopes_on_all();
  std::vector<std::unique_ptr<host::OpenTables>> tables_on_all();
  std::vector<host::OpenTables *> all_tables() const;
  gateway::TokenVerifier verifier() const;
  gateway::Reads reads();
  gateway::Router routes(std::vector<table::GameSystem> systems);
  void renamed(TableId table, std::string const &name);
  void close_tables(Clock::time_point deadline);
  void close_reads(Clock::time_point deadline);

  metrics::Catalogue &metrics_;
  Knobs const &knobs_;
  runtime::Shards shards_;
  storage::ConnectionPool connections_;
  storage::PostgresJournal journal_;
  storage::PostgresSnapshotStore snapshots_;
  storage::PostgresPlayerStore players_;
  storage::PostgresTableDirectory directory_;
  storage::PostgresInvitationStore invitations_;
  storage::JournalHistory history_;
  runtime::BlockingPool pool_;
  std::vector<std::unique_ptr<redis::Client>> clients_;  ///< One for each shard.
  cache::Nears nears_;
  std::vector<std::unique_ptr<relay::RedisRelay>> relays_;  ///< One for each shard; none without Redis.
  lobby::Tokens tokens_;
  lobby::Lobby lobby_;
  storage::CachedReads reads_;
  std::vector<std::unique_ptr<runtime::Scope>> scopes_;  ///< One for each shard.
  std::vector<std::unique_ptr<host::OpenTables>> tables_;
  gateway::Router router_;
  gateway::PublicServer server_;
  BackendWatch watch_;
  bool opened_ = false;
};

}  // namespace tableforge::app
