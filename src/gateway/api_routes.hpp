#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/gateway/http.hpp"
#include "tableforge/gateway/identity.hpp"
#include "tableforge/host/open_tables.hpp"
#include "tableforge/lobby/lobby.hpp"
#include "tableforge/runtime/blocking_pool.hpp"
#include "tableforge/runtime/shards.hpp"

namespace tableforge::gateway {

/// How the routes read what is read most. Called on the shard that took the request, and all resume there.
struct Reads {
  using Tables = std::vector<lobby::TableRecord>;

  /// Public tables from the newest on, or behind `after`: at least lobby::kPageMax + 1 if there are so many.
  std::function<boost::asio::awaitable<Result<std::shared_ptr<Tables const>>>(std::optional<TableId> after)> tables;
  /// After a change of that list was committed, with its number.
  std::function<boost::asio::awaitable<void>(std::uint64_t change)> tables_changed;
  std::function<boost::asio::awaitable<Result<std::string>>(lobby::EventRange, lobby::EventsRender)> history;
};

/// What the routes of /v1 work with. All of it outlives the router.
struct ApiParts {
  runtime::Shards &shards;
  std::vector<host::OpenTables *> tables;  ///< One for each shard, in their order.
  runtime::BlockingPool &pool;
  TokenVerifier verify;
  lobby::Lobby &lobby;
  Reads reads;
  std::vector<table::GameSystem> systems;

  [[nodiscard]] host::OpenTables &tables_of(TableId const &table) const { return *tables[shards.of(table).index()]; }
};

/// All of /v1 that is not a socket, as docs/openapi.json describes it.
///
/// Threads: a handler runs on the shard that took the request; what concerns a live table hops to the table's own
///          shard, what blocks to the pool, and only values come back.
/// Bounds:  a page of tables or events is at most 200 long; every wait has a deadline.
/// Errors:  answered as {"error":{…}}; of what failed behind the server a client learns only whether to come back.
void add_api_routes(Router &router, ApiParts parts);

/// The patterns of add_api_routes(), in the order in which it adds them: known before there is anything to add, because
/// metrics are made first.
std::vector<std::string_view> api_patterns();

}  // namespace tableforge::gateway
