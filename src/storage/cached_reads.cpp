#include "tableforge/storage/cached_reads.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <span>
#include <utility>

#include "tableforge/base/check.hpp"
#include "tableforge/codec/event_body.hpp"

#include "storage/cache_classes.hpp"
#include "storage/cached_table_states.hpp"

namespace tableforge::storage {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kOriginLimit{5};
/// Of which waiting for a thread may be a part.
constexpr std::chrono::seconds kRenderLimit{10};

std::string key_behind(std::optional<TableId> after) { return after ? "{" + after->value.text() + "}" : "first"; }

std::string key_of_chunk(TableId table, Seq first) { return "{" + table.value.text() + "}/" + std::to_string(first); }

constexpr Seq chunk_of(Seq seq) { return seq - (seq - 1) % CachedReads::kChunkEvents; }
static_assert(chunk_of(1) == 1 && chunk_of(100) == 1 && chunk_of(101) == 101);

/// The table whose id stands in a key's braces.
std::optional<TableId> table_in(std::string_view key) {
  if (key.size() != Uuid::kTextBytes + 2) return std::nullopt;
  auto const id = Uuid::parse(key.substr(1, Uuid::kTextBytes));
  return id ? std::optional(TableId(*id)) : std::nullopt;
}

bool reads_the_same(lobby::TableRecord const &a, lobby::TableRecord const &b) {
  return a.name == b.name && a.system == b.system && a.listing == b.listing && a.owner == b.owner &&
         a.created_at == b.created_at;
}

/// When the first of the changes was made by which the list that is there differs from the one that was served. One
/// that a later change of the same table has covered is not seen.
std::optional<Time> first_change(CachedReads::Tables const &there, CachedReads::Tables const &served) {
  std::optional<Time> first;
  for (auto const &table : there) {
    auto const known = std::ranges::find(served, table.id, &lobby::TableRecord::id);
    if (known != served.end() && reads_the_same(*known, table)) continue;
    first = std::min(first.value_or(table.changed_at), table.changed_at);
  }
  return first;
}

std::optional<cache::Clock::duration> between(std::optional<Time> from, Time to) {
  if (!from) return std::nullopt;
  return to - *from;
}

struct Chunk {
  Seq first;
  std::shared_ptr<std::string const> body;
};

struct ReadBack {
  std::string page;
  std::vector<std::size_t> unreadable{};  ///< Of the chunks; what Redis held may be anything.
};

/// The events from … until `end`: those before `next` from the chunks, the others from the journal. Blocks.
Result<ReadBack> read_back(CachedReads::Origin const &origin, lobby::EventRange const &range, Seq end, Seq next,
                           std::vector<Chunk> const &chunks, lobby::EventsRender const &render) {
  ReadBack read;
  CachedReads::Events events;
  auto const take = [&](CachedReads::Events some) {
    for (auto &event : some) {
      if (event.seq >= range.from && event.seq < end) events.push_back(std::move(event));
    }
  };
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    auto some = chunks[i].body ? codec::decode_events(*chunks[i].body, chunks[i].first)
                               : Result<CachedReads::Events>(CachedReads::Events{});
    if (!some || some->size() != CachedReads::kChunkEvents) {
      read.unreadable.push_back(i);
      some = origin.events(range.table, chunks[i].first, CachedReads::kChunkEvents);
      if (!some) return std::unexpected(some.error());
    }
    take(std::move(*some));
  }
  if (next < end) {
    auto rest = origin.events(range.table, next, end - next);
    if (!rest) return std::unexpected(rest.error());
    take(std::move(*rest));
  }
  read.page = render(events);
  return read;
}

}  // namespace

CachedReads::CachedReads(Parts parts)
    : parts_(std::move(parts)),
      classes_(std::make_unique<CacheClasses const>(
          parts_.knobs,
          CacheClasses::Audits{
              .table_state = [this](std::string key, auto state,
                                    auto) { return unseen_by_state(std::move(key), std::move(state)); },
              .lobby_page = [this](std::string key, auto tables,
                                   auto) { return unseen_by_tables(std::move(key), std::move(tables)); }})) {
  TF_CHECK(parts_.nears.size() == parts_.shards.size());
  for (std::size_t i = 0; i < parts_.nears.size(); ++i) {
    states_.push_back(std::make_unique<CachedTableStates>(parts_.nears[i], *classes_));
  }
}

CachedReads::~CachedReads() = default;

cache::Near &CachedReads::here() {
  std::size_t shard = 0;
  while (shard < parts_.shards.size() && !parts_.shards[shard].on_this_thread()) ++shard;
  TF_CHECK(shard < parts_.shards.size());
  return parts_.nears[shard];
}

host::TableStates &CachedReads::table_states(std::size_t shard) { return *states_.at(shard); }

asio::awaitable<Result<std::shared_ptr<CachedReads::Tables const>>> CachedReads::tables(std::optional<TableId> after) {
  auto found =
      co_await here().get(classes_->lobby_page, key_behind(after), [this, after] { return load_tables(after); });
  if (!found || *found) co_return found;
  // There always is a list. Redis claims that there is none, and no origin of ours has said so.
  auto loaded = co_await load_tables(after);
  if (!loaded) co_return std::unexpected(loaded.error());
  co_return std::move(loaded->value);
}

asio::awaitable<void> CachedReads::tables_changed(std::uint64_t change) {
  return here().invalidate(classes_->lobby_page, key_behind(std::nullopt), change);
}

asio::awaitable<Result<cache::Loaded<CachedReads::Tables>>> CachedReads::load_tables(std::optional<TableId> after) {
  auto const read = [&origin = parts_.origin, after] { return origin.tables(after); };
  auto tables = co_await parts_.pool.run(read, kOriginLimit);
  if (!tables) co_return std::unexpected(tables.error());
  co_return cache::Loaded<Tables>{std::make_shared<Tables const>(std::move(tables->value)), tables->version};
}

asio::awaitable<Result<cache::Loaded<std::string>>> CachedReads::load_chunk(TableId table, Seq first) {
  auto const read = [&origin = parts_.origin, table, first]() -> Result<std::string> {
    auto const events = origin.events(table, first, kChunkEvents);
    if (!events) return std::unexpected(events.error());
    if (events->size() != kChunkEvents) return fail(Errc::corrupt, "events that were committed are not there");
    return codec::encode_events(*events);
  };
  auto body = co_await parts_.pool.run(read, kOriginLimit);
  if (!body) co_return std::unexpected(body.error());
  body->shrink_to_fit();
  co_return cache::Loaded<std::string>{std::make_shared<std::string const>(std::move(*body))};
}

asio::awaitable<cache::Unseen> CachedReads::unseen_by_tables(std::string key, std::shared_ptr<Tables const> tables) {
  if (!tables) co_return std::nullopt;
  if (parts_.pool.depth() > 0) co_return fail(Errc::overloaded, "others wait for the pool");
  auto const compare = [&origin = parts_.origin, after = table_in(key), tables]() -> cache::Unseen {
    auto const there = origin.tables(after);
    if (!there) return std::unexpected(there.error());
    return between(first_change(there->value, *tables), there->at);
  };
  co_return co_await parts_.pool.run(compare, kOriginLimit);
}

asio::awaitable<cache::Unseen> CachedReads::unseen_by_state(std::string key,
                                                            std::shared_ptr<host::KeptState const> state) {
  auto const table = table_in(key);
  if (!state || !table) co_return std::nullopt;
  if (parts_.pool.depth() > 0) co_return fail(Errc::overloaded, "others wait for the pool");
  auto const compare = [&origin = parts_.origin, id = *table, state]() -> cache::Unseen {
    auto const next = origin.events(id, state->seq + 1, 1);
    if (!next) return std::unexpected(next.error());
    return between(next->empty() ? std::nullopt : std::optional(next->front().at), wall_clock_now());
  };
  co_return co_await parts_.pool.run(compare, kOriginLimit);
}

asio::awaitable<Result<std::string>> CachedReads::history(lobby::EventRange range, lobby::EventsRender render) {
  TF_CHECK(range.from > 0);
  Seq const end = range.from + range.limit;
  Seq next = range.from;
  std::vector<Chunk> chunks;
  while (next < end && chunk_of(next) + CachedReads::kChunkEvents - 1 <= range.head) {
    Seq const first = chunk_of(next);
    auto body = co_await here().get(classes_->history_page, key_of_chunk(range.table, first),
                                    [this, table = range.table, first] { return load_chunk(table, first); });
    if (!body) co_return std::unexpected(body.error());
    chunks.push_back({first, std::move(*body)});
    next = first + kChunkEvents;
  }
  auto const work = [&origin = parts_.origin, range, end, next, chunks, render = std::move(render)] {
    return read_back(origin, range, end, next, chunks, render);
  };
  auto read = co_await parts_.pool.run(work, kRenderLimit);
  if (!read) co_return std::unexpected(read.error());
  for (std::size_t const each : read->unreadable) {
    Chunk const &chunk = chunks[each];
    if (!chunk.body) continue;  // That there is none is forgotten soon by itself.
    co_await here().discard(classes_->history_page, key_of_chunk(range.table, chunk.first), chunk.body);
  }
  co_return std::move(read->page);
}

}  // namespace tableforge::storage
