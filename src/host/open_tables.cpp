#include "tableforge/host/open_tables.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/codec/event_body.hpp"
#include "tableforge/codec/state_document.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/runtime/timer.hpp"

namespace tableforge::host {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kLoadLimit{15};
constexpr std::chrono::seconds kFoundLimit{15};
constexpr std::size_t kNewerRowsMax = 4'096;
/// For Redis to confirm that a table is heard, before it is read. It takes a tenth of a millisecond.
constexpr std::chrono::milliseconds kConnectLimit{250};

/// Something that happens once, on this shard, and that any number of coroutines wait for.
class Once {
 public:
  explicit Once(runtime::Shard &shard) : timer_(shard.context(), asio::steady_timer::time_point::max()) {}

  void happen() {
    happened_ = true;
    timer_.cancel();
  }
  /// False if it had not happened when the limit was reached.
  asio::awaitable<bool> wait(std::chrono::steady_clock::duration limit) {
    if (happened_) co_return true;
    auto const waited = co_await runtime::with_deadline(timer_.async_wait(asio::as_tuple(asio::use_awaitable)), limit);
    static_cast<void>(waited);
    co_return happened_;
  }

 private:
  asio::steady_timer timer_;
  bool happened_ = false;
};

}  // namespace

struct OpenTables::Load {
  explicit Load(runtime::Shard &shard) : finished(shard) {}
  Once finished;
  Result<std::shared_ptr<TableHost>> result = fail(Errc::cancelled, "the load was given up");
};

OpenTables::OpenTables(Parts const &parts)
    : parts_(parts),
      appends_(parts.shard, parts.journal),
      presence_window_(parts.shard),
      look_timer_(parts.shard.executor()),
      scope_(parts.shard) {}

OpenTables::~OpenTables() = default;

HostContext OpenTables::context() {
  return {.shard = parts_.shard,
          .scope = scope_,
          .pool = parts_.pool,
          .journal = parts_.journal,
          .appends = appends_,
          .presence_window = presence_window_,
          .snapshots = parts_.snapshots,
          .states = parts_.states,
          .chance = chance_,
          .knobs = parts_.knobs,
          .metrics = parts_.metrics,
          .turn_memory = turn_memory_,
          .framer = parts_.framer,
          .renamed = parts_.renamed,
          .look_soon = [this] { look_soon(); }};
}

std::shared_ptr<TableHost> OpenTables::admit(LoadedTable loaded, std::shared_ptr<RelayLine> line) {
  auto const id = loaded.state.id;
  auto &host = tables_[id];
  // Somebody may have opened it while it was being founded: there is one home for one table.
  if (!host) {
    host = std::make_shared<TableHost>(context(), std::move(loaded));
    host->attend(std::move(line));
  }
  return host;
}

asio::awaitable<Result<std::shared_ptr<TableHost>>> OpenTables::open(TableId table) {
  TF_CHECK(parts_.shard.on_this_thread());
  if (auto const found = tables_.find(table); found != tables_.end()) co_return found->second;
  if (scope_.closed()) co_return fail(Errc::cancelled, "the server is shutting down");
  auto &slot = loads_[table];
  if (!slot) {
    slot = std::make_shared<Load>(parts_.shard);
    runtime::spawn(scope_, "load a table", load(table, slot));
  }
  auto const shared = slot;
  if (!co_await shared->finished.wait(kLoadLimit)) co_return fail(Errc::timeout, "loading the table took too long");
  co_return shared->result;
}

asio::awaitable<void> OpenTables::load(TableId table, std::shared_ptr<Load> load) {
  auto const started = std::chrono::steady_clock::now();
  auto const recent_max = parts_.knobs.replay_events_max.get();
  auto line = parts_.relay != nullptr ? parts_.relay->follow(table) : nullptr;
  std::shared_ptr<KeptState const> kept;
  if (parts_.states != nullptr) kept = co_await parts_.states->find(table);
  // What is committed from here on is heard, and what was before is read.
  if (line) co_await line->connected(kConnectLimit);
  auto const read = [table, &journal = parts_.journal, &snapshots = parts_.snapshots, recent_max, kept] {
    return load_table(table, journal, snapshots, recent_max, kept.get());
  };
  auto loaded = co_await parts_.pool.run(read, kLoadLimit);
  if (loaded) {
    parts_.metrics.loads.add();
    parts_.metrics.load.record(std::chrono::steady_clock::now() - started);
    if (parts_.states != nullptr && (loaded->worth_keeping || loaded->kept_is_wrong)) {
      auto const wrong = loaded->kept_is_wrong ? kept->seq : 0;
      runtime::spawn(scope_, "keep a state", keep(table, wrong, loaded->worth_keeping));
    }
    load->result = admit(std::move(*loaded), std::move(line));
  } else {
    load->result = std::unexpected(loaded.error());
    if (loaded.error().code != Errc::not_found) {
      parts_.metrics.loads_failed.add();
      static log::Limited limited(std::chrono::seconds(1));
      limited.warn("a table could not be loaded", {{"table", table}, {"error", loaded.error()}});
    }
  }
  loads_.erase(table);
  load->finished.happen();
}

asio::awaitable<void> OpenTables::keep(TableId table, Seq wrong, std::shared_ptr<KeptState const> state) {
  if (wrong > 0) co_await parts_.states->forget(table, wrong);
  if (state) co_await parts_.states->keep(table, state);
}

asio::awaitable<Result<std::shared_ptr<TableHost>>> OpenTables::found(table::Event first_event) {
  TF_CHECK(parts_.shard.on_this_thread());
  struct Founding {
    explicit Founding(runtime::Shard &shard) : finished(shard) {}
    Once finished;
    Appended outcome = Appended::cancelled;
  };
  auto founding = std::make_shared<Founding>(parts_.shard);
  auto const id = std::get<table::TableCreated>(first_event.change).state->id;
  auto line = parts_.relay != nullptr ? parts_.relay->follow(id) : nullptr;
  parts_.journal.append({.table = id,
                         .first_seq = first_event.seq,
                         .n = 1,
                         .append_id = Uuid::random(),
                         .at = first_event.at,
                         .body = codec::encode_events(std::span(&first_event, 1))},
                        [founding, &shard = parts_.shard](Appended outcome) {
                          shard.post([founding, outcome] {
                            founding->outcome = outcome;
                            founding->finished.happen();
                          });
                        });
  if (!co_await founding->finished.wait(kFoundLimit)) {
    co_return fail(Errc::unavailable, "the table could not be stored in time");
  }
  switch (founding->outcome) {
    case Appended::committed: break;
    case Appended::lost: co_return fail(Errc::conflict, "there is a table of that id");
    case Appended::refused: co_return fail(Errc::invalid, "the table cannot be stored");
    case Appended::cancelled: co_return fail(Errc::cancelled, "the server is shutting down");
  }
  LoadedTable loaded;
  table::apply(loaded.state, first_event);
  if (line) co_await line->connected(kConnectLimit);
  co_return admit(std::move(loaded), std::move(line));
}

void OpenTables::start() {
  runtime::spawn(scope_, "keep house", keep_house());
  runtime::spawn(scope_, "look for newer rows", look_for_newer());
}

asio::awaitable<void> OpenTables::keep_house() {
  constexpr std::chrono::seconds kRound{1};
  for (;;) {
    co_await runtime::sleep_for(kRound);
    auto const now = std::chrono::steady_clock::now();
    for (auto const &[id, host] : tables_) host->tidy(now);
    unload_idle(now);
  }
}

void OpenTables::unload_idle(std::chrono::steady_clock::time_point now) {
  // A table goes in two steps: its snapshot first, and when that is written (and nobody came) the table itself.
  auto const limit = parts_.knobs.table_idle_unload.get();
  std::erase_if(tables_, [&](auto const &entry) {
    auto const &host = entry.second;
    auto const since = host->idle_since();
    if (!since || now - *since < limit || host.use_count() > 1) return false;
    if (!host->has_snapshot()) {
      host->snapshot();
      // Without its database it cannot be written, and costs only a longer load later.
      return now - *since > 3 * limit && host->idle_since().has_value();
    }
    return true;
  });
}

void OpenTables::look_soon() {
  look_asked_ = true;
  look_timer_.cancel();
}

asio::awaitable<void> OpenTables::look_for_newer() {
  constexpr std::chrono::seconds kLookLimit{10};
  for (;;) {
    if (!std::exchange(look_asked_, false)) {
      look_timer_.expires_after(parts_.knobs.poll_newer.get());
      static_cast<void>(co_await look_timer_.async_wait(asio::as_tuple(asio::use_awaitable)));
      look_asked_ = false;
    }
    std::vector<std::pair<TableId, Seq>> known;
    for (auto const &[id, host] : tables_) {
      // Also where nobody is: it is read over HTTP, and the next to join begins with its state.
      if (host->settled()) known.emplace_back(id, host->committed().seq);
    }
    if (known.empty() || !parts_.journal.available()) continue;
    auto const look = [&journal = parts_.journal, known = std::move(known)]() mutable {
      return journal.rows_newer(std::move(known), kNewerRowsMax);
    };
    auto rows = co_await parts_.pool.run(std::move(look), kLookLimit);
    if (!rows) continue;  // The journal and the pool have counted and logged it; the next look is due soon.
    std::unordered_map<TableId, std::vector<Row>> by_table;
    for (auto &each : *rows) by_table[each.table].push_back(std::move(each.row));
    for (auto &[id, newer] : by_table) {
      auto const found = tables_.find(id);
      if (found != tables_.end()) found->second->take_in(std::move(newer), metrics::RowSource::look);
    }
  }
}

asio::awaitable<void> OpenTables::close(std::chrono::milliseconds retry_spread,
                                        std::chrono::steady_clock::duration limit) {
  TF_CHECK(parts_.shard.on_this_thread());
  auto const deadline = std::chrono::steady_clock::now() + limit;
  for (auto const &[id, host] : tables_) host->close_all(protocol::CloseReason::restarting, retry_spread);
  auto const busy = [&] {
    for (auto const &[id, host] : tables_) {
      if (!host->settled() || host->members() > 0) return true;
    }
    return false;
  };
  constexpr std::chrono::milliseconds kRound{10};
  while (busy() && std::chrono::steady_clock::now() < deadline) co_await runtime::sleep_for(kRound);
  if (busy()) log::warn("tables were still busy at the shutdown deadline", {{"shard", parts_.shard.index()}});
  for (auto const &[id, host] : tables_) host->hang_up();
  co_await keep_for_others(deadline);
  auto const left = deadline - std::chrono::steady_clock::now();
  static_cast<void>(co_await scope_.close(std::max<std::chrono::steady_clock::duration>(left, kRound)));
}

asio::awaitable<void> OpenTables::keep_for_others(std::chrono::steady_clock::time_point deadline) {
  if (parts_.states == nullptr || !parts_.states->outlives_us()) co_return;
  std::vector<std::shared_ptr<TableHost>> worth_it;
  for (auto const &[id, host] : tables_) {
    bool const far = host->committed().seq - host->snapshot_seq() >= kWorthKeepingEvents;
    if (host->settled() && far) worth_it.push_back(host);
  }
  std::size_t kept = 0;
  for (auto const &host : worth_it) {
    auto const left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) break;
    auto const state = std::make_shared<table::State const>(host->committed());
    co_await parts_.states->keep(
        state->id, std::make_shared<KeptState const>(
                       KeptState{.seq = state->seq, .snapshot_seq = host->snapshot_seq(), .state = state}));
    ++kept;
  }
  if (worth_it.empty()) co_return;
  log::info("states of tables were kept for who serves them next",
            {{"shard", parts_.shard.index()}, {"kept", kept}, {"left_out", worth_it.size() - kept}});
}

}  // namespace tableforge::host
