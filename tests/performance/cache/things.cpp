#include "performance/cache/things.hpp"

#include <charconv>
#include <stdexcept>
#include <utility>

#include "tableforge/base/heap_bytes.hpp"
#include "tableforge/base/stable_hash.hpp"

#include "storage/connections.hpp"
#include "storage/row_values.hpp"

namespace tableforge::test {

namespace {

using cache::Clock;
using storage::Connection;
using storage::Statement;

constexpr auto kSchema = R"sql(
  create table thing (key text primary key, revision bigint not null, body text not null);
  create table thing_was (key text, revision bigint, body text not null, primary key (key, revision));
  create function thing_remember() returns trigger language plpgsql as $$
    begin insert into thing_was values (new.key, new.revision, new.body); return new; end $$;
  create trigger remember after insert or update on thing for each row execute function thing_remember();
  create function thing_body(key text, revision bigint, size int) returns text language sql immutable as $$
    select string_agg(md5(key || '/' || revision || '/' || i), '') from generate_series(1, (size + 31) / 32) i $$;
)sql";

constexpr Statement kMake{"thing_make",
                          "insert into thing select 'thing:' || lpad(i::text, 10, '0'), 1,"
                          " left(thing_body('thing:' || lpad(i::text, 10, '0'), 1, $3::int), $3::int)"
                          " from generate_series($1::bigint, $1::bigint + $2::bigint - 1) i"};
constexpr Statement kRead{"thing_read",
                          "select revision, body, pg_snapshot_xmin(pg_current_snapshot())::text from thing"
                          " where key = $1"};
// The wait is asked for in the same statement, so that it is one call.
constexpr Statement kReadSlowly{
    "thing_read_slowly",
    "select revision, body, pg_snapshot_xmin(pg_current_snapshot())::text, pg_sleep($2::float8)"
    " from thing where key = $1"};
constexpr Statement kChange{"thing_change",
                            "update thing set revision = revision + 1,"
                            " body = left(thing_body(key, revision + 1, length(body)), length(body)) where key = $1"
                            " returning revision, pg_current_xact_id()::text"};
constexpr Statement kRevisions{"thing_revisions", "select key, revision, body from thing_was"};

constexpr std::chrono::seconds kCallLimit{20};

std::uint64_t sum_of(Thing const &thing) {
  return StableHash()
      .add(thing.key)
      .add(thing.revision)
      .add(static_cast<std::uint64_t>(thing.read_at.time_since_epoch().count()))
      .add(thing.body)
      .value();
}

/// "key revision read_at sum\n" and the body.
std::string encode_thing(Thing const &thing) {
  return thing.key + ' ' + std::to_string(thing.revision) + ' ' +
         std::to_string(thing.read_at.time_since_epoch().count()) + ' ' + std::to_string(thing.sum) + '\n' + thing.body;
}

Result<std::shared_ptr<Thing const>> decode_thing(std::string_view bytes) {
  auto const wrong = fail(Errc::corrupt, "no thing");
  auto const line = bytes.find('\n');
  auto const space = bytes.find(' ');
  if (line == std::string_view::npos || space == std::string_view::npos || space > line) return wrong;
  Thing thing;
  thing.key = bytes.substr(0, space);
  std::int64_t read_at = 0;
  char const *at = bytes.data() + space + 1;
  char const *const end = bytes.data() + line;
  auto const number = [&](auto &value) {
    auto const parsed = std::from_chars(at, end, value);
    if (parsed.ec != std::errc{}) return false;
    at = parsed.ptr == end ? end : parsed.ptr + 1;
    return true;
  };
  if (!number(thing.revision) || !number(read_at) || !number(thing.sum) || at != end) return wrong;
  thing.read_at = Clock::time_point(Clock::duration(read_at));
  thing.body = bytes.substr(line + 1);
  return std::make_shared<Thing const>(std::move(thing));
}

std::size_t bytes_of_thing(Thing const &thing) {
  // A string of up to 15 characters has no block of its own.
  auto const outside = [](std::string const &text) {
    return text.capacity() > 15 ? heap_bytes(text.capacity() + 1) : 0;
  };
  return heap_bytes(2 * sizeof(void *) + sizeof(Thing)) + outside(thing.key) + outside(thing.body);
}

template <class T>
T value_of(Result<T> result, char const *what) {
  if (!result) throw std::runtime_error(std::string(what) + ": " + std::string(result.error().text));
  return std::move(*result);
}

}  // namespace

bool Thing::whole() const { return sum == sum_of(*this); }

cache::Class<Thing>::Spec Things::spec(Knobs const &knobs) {
  return {.id = cache::CacheClass::lobby_page,
          .mutability = cache::Mutability::mutable_,
          .knobs = knobs.cache_lobby_page,
          .bytes = bytes_of_thing,
          .encode = encode_thing,
          .decode = decode_thing};
}

Things::Things(Options options)
    : options_(std::move(options)),
      class_(spec(knobs_)),
      sessions_({.url = options_.database_url, .connections_max = options_.threads + 1}, storage_metrics_),
      pool_({.name = "origin", .threads = options_.threads, .queue_max = 65'536}, runtime_metrics_) {
  value_of(sessions_.connections().ask("thing_schema",
                                       [](Connection &session) -> Result<bool> {
                                         session.run_sql(kSchema);
                                         return true;
                                       }),
           "the tables of things");
}

Things::~Things() { pool_.drain(); }

std::string Things::key(std::size_t number) {
  auto const digits = std::to_string(number);
  return "thing:" + std::string(10 - digits.size(), '0') + digits;
}

void Things::make(std::size_t first, std::size_t count, std::size_t body_bytes) {
  value_of(sessions_.connections().ask("thing_make",
                                       [&](Connection &session) -> Result<bool> {
                                         session.run(kMake, {std::to_string(first), std::to_string(count),
                                                             std::to_string(body_bytes)});
                                         session.run_sql("analyze thing");
                                         return true;
                                       }),
           "things");
}

Result<cache::Loaded<Thing>> Things::read(std::string const &key) {
  ++loads_;
  return sessions_.connections().ask("thing_read", [&](Connection &session) -> Result<cache::Loaded<Thing>> {
    Thing thing;
    thing.key = key;
    thing.read_at = Clock::now();
    auto const seconds = std::chrono::duration<double>(options_.read_takes).count();
    auto const found =
        seconds > 0 ? session.run(kReadSlowly, {key, std::to_string(seconds)}) : session.run(kRead, {key});
    if (found.empty()) return fail(Errc::not_found, "there is no such thing");
    thing.revision = found[0][0].as<std::uint64_t>();
    thing.body = std::string(storage::text_of(found[0][1]));
    thing.sum = sum_of(thing);
    return cache::Loaded<Thing>{std::make_shared<Thing const>(std::move(thing)), storage::xid_of(found[0][2])};
  });
}

Result<Things::Change> Things::write(std::string const &key) {
  return sessions_.connections().ask("thing_change", [&](Connection &session) -> Result<Change> {
    auto const changed = session.run(kChange, {key});
    if (changed.empty()) return fail(Errc::not_found, "there is no such thing");
    return Change{.revision = changed[0][0].as<std::uint64_t>(), .version = storage::xid_of(changed[0][1])};
  });
}

boost::asio::awaitable<Result<cache::Loaded<Thing>>> Things::load(std::string key) {
  auto const call = [this, key = std::move(key)] { return read(key); };
  co_return co_await pool_.run(call, kCallLimit);
}

boost::asio::awaitable<Result<Things::Change>> Things::change(std::string key) {
  auto const call = [this, key = std::move(key)] { return write(key); };
  co_return co_await pool_.run(call, kCallLimit);
}

Things::Revisions Things::all_revisions() {
  return value_of(
      sessions_.connections().ask("thing_revisions",
                                  [](Connection &session) -> Result<Revisions> {
                                    Revisions all;
                                    for (auto const &row : session.run(kRevisions)) {
                                      all[{std::string(storage::text_of(row[0])), row[1].as<std::uint64_t>()}] =
                                          StableHash().add(storage::text_of(row[2])).value();
                                    }
                                    return all;
                                  }),
      "revisions");
}

void Things::take(Revisions &served, Thing const &thing) {
  auto const digest = StableHash().add(thing.body).value();
  auto const [at, first] = served.try_emplace({thing.key, thing.revision}, digest);
  // Two bodies of one revision are not both the origin's; no digest is 0 but by chance.
  if (!first && at->second != digest) at->second = 0;
}

bool Things::too_old(Thing const &thing, Clock::time_point asked_at) const {
  auto const &knobs = class_.spec().knobs;
  return asked_at - thing.read_at > knobs.ttl.get() + knobs.stale_while_revalidate.get() + options_.stale_slack;
}

}  // namespace tableforge::test
