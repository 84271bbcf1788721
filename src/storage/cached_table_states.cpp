#include "storage/cached_table_states.hpp"

#include <utility>

namespace tableforge::storage {

namespace asio = boost::asio;

namespace {

using State = std::shared_ptr<host::KeptState const>;

std::string key_of(TableId table) { return "{" + table.value.text() + "}"; }

/// In place of a load: what the cache has not is nowhere else.
asio::awaitable<Result<cache::Loaded<host::KeptState>>> nothing() {
  co_return cache::Loaded<host::KeptState>{nullptr, 0};
}

}  // namespace

asio::awaitable<State> CachedTableStates::find(TableId table) {
  auto found = co_await near_.get(classes_.table_state, key_of(table), [] { return nothing(); });
  if (!found) co_return nullptr;
  co_return std::move(*found);
}

asio::awaitable<void> CachedTableStates::keep(TableId table, State state) {
  Seq const seq = state->seq;
  co_await near_.put(classes_.table_state, key_of(table), std::move(state), seq);
}

asio::awaitable<void> CachedTableStates::forget(TableId table, Seq seq) {
  co_await near_.invalidate(classes_.table_state, key_of(table), seq);
}

}  // namespace tableforge::storage
