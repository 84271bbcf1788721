#include "app/table_service.hpp"

#include <algorithm>
#include <exception>
#include <future>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "tableforge/log/log.hpp"

#include "app/embedded_documents.hpp"
#include "gateway/document_routes.hpp"

namespace tableforge::app {

namespace {

namespace asio = boost::asio;

/// Goodbyes ask people to come back within this: a balancer's other instances, or the next process here, are not to
/// meet everybody in the same instant.
constexpr std::chrono::milliseconds kRetrySpread{3'000};

/// The shares of a shutdown's deadline that its steps may use, one after the other: most of it for commits, because
/// waiting for them is what an orderly end is for.
constexpr int kTablesPercent = 70;
constexpr int kJournalPercent = 85;

/// Waits for something on a shard; false if it has not happened by then.
bool wait(std::future<void> &future, std::chrono::steady_clock::time_point deadline) {
  if (future.wait_until(deadline) != std::future_status::ready) return false;
  try {
    future.get();
  } catch (std::exception const &failure) {
    log::error("a step of the shutdown failed", {{"what", failure.what()}});
  }
  return true;
}

/// Each ends before what it works with.
asio::awaitable<void> close_reads_of(runtime::Scope &scope, cache::Near &near, relay::RedisRelay *relay,
                                     redis::Client &client) {
  co_await scope.close();
  co_await near.close();
  if (relay != nullptr) co_await relay->close();
  co_await client.close();
}

}  // namespace

Result<redis::Client::Options> redis_options(std::string const &url) {
  redis::Client::Options options;
  if (url == "none") return options;
  auto const address = redis::parse_url(url);
  if (!address) return std::unexpected(address.error());
  options.address = *address;
  return options;
}

TableService::TableService(config::Settings const &settings, redis::Client::Options const &redis,
                           std::vector<std::string> token_keys, std::vector<table::GameSystem> systems,
                           Readiness &readiness, metrics::Catalogue &metrics, Knobs const &knobs,
                           cache::WatchMaker watch)
    : metrics_(metrics),
      knobs_(knobs),
      shards_(settings.io_threads, metrics.runtime),
      connections_({.url = settings.database_url, .connections_max = settings.reader_threads}, metrics.storage),
      journal_({.url = settings.database_url, .writers = settings.journal_writers}, connections_, knobs,
               metrics.journal),
      snapshots_(connections_),
      players_(connections_),
      directory_(connections_),
      invitations_(connections_),
      history_(journal_),
      pool_({.name = "reader", .threads = settings.reader_threads}, metrics.runtime),
      clients_(clients_on_all(redis)),
      nears_(seats(), {.name_space = settings.cache_namespace, .address = redis.address, .watch = std::move(watch)},
             metrics.cache, metrics.redis),
      relays_(relays_on_all(settings, redis)),
      tokens_({.secrets = std::move(token_keys)}, metrics.lobby),
      lobby_({.players = players_, .directory = directory_, .invitations = invitations_, .history = history_}, tokens_,
             metrics.lobby),
      reads_({.shards = shards_, .nears = nears_, .pool = pool_, .knobs = knobs, .origin = origin()}),
      scopes_(scopes_on_all()),
      tables_(tables_on_all()),
      router_(routes(std::move(systems))),
      server_({.shards = shards_,
               .tables = all_tables(),
               .router = router_,
               .verify = verifier(),
               .knobs = knobs,
               .metrics = metrics.gateway,
               .host_metrics = metrics.host,
               .address = settings.listen_address,
               .port = settings.listen_port,
               .allowed_origins = settings.allowed_origins,
               .trusted_proxies = settings.trusted_proxies,
               .proxy_protocol = settings.proxy_protocol,
               .address_limits = {.connections = settings.address_connections_max,
                                  .requests_per_second = settings.address_requests_per_second,
                                  .upgrades_per_second = settings.address_upgrades_per_second}}),
      watch_(settings.database_url, *clients_[0], readiness, metrics.storage) {}

TableService::~TableService() {
  shards_.stop();
  shards_.join();
  // Its jobs use what dies before it.
  pool_.drain();
  // What lives on a shard asks whether it is on its thread; from here on this one is.
  for (std::size_t i = 0; i < shards_.size(); ++i) shards_[i].adopt_this_thread();
}

std::vector<std::unique_ptr<redis::Client>> TableService::clients_on_all(redis::Client::Options const &redis) {
  std::vector<std::unique_ptr<redis::Client>> all;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    all.push_back(std::make_unique<redis::Client>(shards_[i], redis, metrics_.redis));
  }
  return all;
}

std::vector<cache::Nears::Seat> TableService::seats() {
  std::vector<cache::Nears::Seat> all;
  for (std::size_t i = 0; i < shards_.size(); ++i) all.push_back({.shard = shards_[i], .client = *clients_[i]});
  return all;
}

storage::CachedReads::Origin TableService::origin() {
  return {.tables = [this](std::optional<TableId> after) { return lobby_.list_tables(after, lobby::kChunkMax); },
          .events = [this](TableId table, Seq from, std::size_t limit) { return lobby_.history(table, from, limit); }};
}

std::vector<std::unique_ptr<relay::RedisRelay>> TableService::relays_on_all(config::Settings const &settings,
                                                                            redis::Client::Options const &redis) {
  std::vector<std::unique_ptr<relay::RedisRelay>> all;
  if (!redis.address) return all;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    all.push_back(std::make_unique<relay::RedisRelay>(
        shards_[i], *clients_[i],
        relay::RedisRelay::Options{.name_space = settings.cache_namespace, .address = redis.address}, knobs_,
        metrics_.relay, metrics_.redis));
  }
  return all;
}

std::vector<std::unique_ptr<runtime::Scope>> TableService::scopes_on_all() {
  std::vector<std::unique_ptr<runtime::Scope>> all;
  for (std::size_t i = 0; i < shards_.size(); ++i) all.push_back(std::make_unique<runtime::Scope>(shards_[i]));
  return all;
}

std::vector<std::unique_ptr<host::OpenTables>> TableService::tables_on_all() {
  std::vector<std::unique_ptr<host::OpenTables>> all;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    all.push_back(std::make_unique<host::OpenTables>(
        host::OpenTables::Parts{.shard = shards_[i],
                                .pool = pool_,
                                .journal = journal_,
                                .snapshots = snapshots_,
                                .states = &reads_.table_states(i),
                                .relay = relays_.empty() ? nullptr : relays_[i].get(),
                                .knobs = knobs_,
                                .metrics = metrics_.host,
                                .framer = gateway::append_text_frame,
                                .renamed = [this](TableId table, std::string const &name) { renamed(table, name); }}));
  }
  return all;
}

std::vector<host::OpenTables *> TableService::all_tables() const {
  std::vector<host::OpenTables *> all;
  for (auto const &tables : tables_) all.push_back(tables.get());
  return all;
}

gateway::TokenVerifier TableService::verifier() const {
  return [this](std::string_view token) -> Result<gateway::Identity> {
    auto named = lobby_.authenticate(token, wall_clock_now());
    if (!named) return std::unexpected(named.error());
    return gateway::Identity{.player = named->player, .name = std::move(named->name), .expires_at = named->expires_at};
  };
}

gateway::Reads TableService::reads() {
  return {.tables = [this](std::optional<TableId> after) { return reads_.tables(after); },
          .tables_changed = [this](std::uint64_t change) { return reads_.tables_changed(change); },
          .history = [this](lobby::EventRange range,
                            lobby::EventsRender render) { return reads_.history(range, std::move(render)); }};
}

gateway::Router TableService::routes(std::vector<table::GameSystem> systems) {
  gateway::Router router;
  gateway::add_api_routes(router, {.shards = shards_,
                                   .tables = all_tables(),
                                   .pool = pool_,
                                   .verify = verifier(),
                                   .lobby = lobby_,
                                   .reads = reads(),
                                   .systems = std::move(systems)});
  gateway::add_document_routes(router, embedded_asyncapi(), embedded_openapi());
  return router;
}

/// On a shard, after the commit of a table's new name.
void TableService::renamed(TableId table, std::string const &name) {
  bool const taken = pool_.try_post([this, table, name] {
    auto const done = lobby_.rename_table(table, name);
    if (!done) return log::warn("the lobby missed a table's new name", {{"table", table}, {"why", done.error()}});
    runtime::Shard &shard = shards_.of(table);
    shard.post([this, &shard, change = *done] {
      runtime::spawn(*scopes_[shard.index()], "tell of a table's new name", reads_.tables_changed(change));
    });
  });
  if (!taken) log::warn("the lobby missed a table's new name", {{"table", table}, {"why", "the pool is full"}});
}

Result<void> TableService::open() {
  shards_.start();
  if (auto const started = server_.start(); !started) return started;
  opened_ = true;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    shards_[i].post([this, i] {
      clients_[i]->start();
      nears_[i].start();
      if (!relays_.empty()) relays_[i]->start();
      tables_[i]->start();
    });
  }
  return {};
}

void TableService::drain(std::chrono::milliseconds limit) {
  if (!opened_) return;
  auto const began = Clock::now();
  server_.stop_accepting();
  close_tables(began + limit * kTablesPercent / 100);
  // What the tables gave up waiting for is pending, not lost: nobody has seen an effect of it.
  journal_.close(std::max<Clock::duration>(began + limit * kJournalPercent / 100 - Clock::now(), Clock::duration(0)));
  server_.stop(std::max<Clock::duration>(began + limit - Clock::now(), Clock::duration(0)));
  close_reads(began + limit);
  log::info("the shutdown is complete", {{"seconds", Clock::now() - began}});
}

void TableService::close_tables(Clock::time_point deadline) {
  auto const left = std::max<Clock::duration>(deadline - Clock::now(), Clock::duration(0));
  std::vector<std::future<void>> closing;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    closing.push_back(asio::co_spawn(shards_[i].executor(), tables_[i]->close(kRetrySpread, left), asio::use_future));
  }
  // A little more than they were given, since they keep to it themselves.
  constexpr std::chrono::milliseconds kMargin{200};
  for (auto &each : closing) {
    if (!wait(each, deadline + kMargin)) log::warn("a shard's tables did not close in time");
  }
}

void TableService::close_reads(Clock::time_point deadline) {
  constexpr std::chrono::seconds kCloseMin{1};
  auto const until = std::max(deadline, Clock::now() + kCloseMin);
  std::vector<std::future<void>> closing;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    closing.push_back(asio::co_spawn(
        shards_[i].executor(),
        close_reads_of(*scopes_[i], nears_[i], relays_.empty() ? nullptr : relays_[i].get(), *clients_[i]),
        asio::use_future));
  }
  for (auto &each : closing) {
    if (!wait(each, until)) log::warn("a shard's cache did not close in time");
  }
}

}  // namespace tableforge::app
