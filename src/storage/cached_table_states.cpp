#include "storage/cached_table_states.hpp"

#include <utility>

namespace tableforge::storage {

namespace asio = boost::asio;

namespace {

using State = std::shared_ptr<host::KeptState const>;

std::string key_of(TableId table) { return "{" + table.value.text() + "}"; }

/// In place of a load: the cache is asked what it has, and what it has not is nowhere else.
asio::awaitable<Result<cache::Loaded<host::KeptState>>> given(State state) {
  cache::Version const version = state ? state->seq : 0;
  co_return cache::Loaded<host::KeptState>{std::move(state), version};
}

}  // namespace

asio::awaitable<State> CachedTableStates::find(TableId table) {
  auto found = co_await near_.get(classes_.table_state, key_of(table), [] { return given(nullptr); });
  if (!found) co_return nullptr;
  co_return std::move(*found);
}

asio::awaitable<void> CachedTableStates::keep(TableId table, State state) {
  Seq const seq = state->seq;
  std::string const key = key_of(table);
  auto const offer = [state] { return given(state); };
  auto const there = co_await near_.get(classes_.table_state, key, offer);
  if (!there || (*there && (*there)->seq >= seq)) co_return;
  // What is there is older, and would be served as long as it may be. Nothing that is newer goes with it.
  co_await near_.invalidate(classes_.table_state, key, seq - 1);
  auto const kept = co_await near_.get(classes_.table_state, key, offer);
  static_cast<void>(kept);
}

asio::awaitable<void> CachedTableStates::forget(TableId table, Seq seq) {
  co_await near_.invalidate(classes_.table_state, key_of(table), seq);
}

}  // namespace tableforge::storage
