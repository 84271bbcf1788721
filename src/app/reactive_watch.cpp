#include "app/reactive_watch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/tuned_cache.hpp"

namespace tableforge::app {

namespace {

using std::chrono::milliseconds;
using tuner::Stage;

/// Somebody who shows a cursor five times a second is still seen to be there.
constexpr double kPresenceLeast = 5;
/// About a frame of a screen: longer is noticed.
constexpr double kWindowMs = 20;
constexpr double kStaleStepMs = 1'000;

std::vector<tuner::Remedy> remedies_of(Knobs &knobs) {
  auto const gather = [](double ms) { return std::max(ms, kWindowMs); };
  auto const shed = [](double rate) { return std::min(rate, std::max(kPresenceLeast, rate / 2)); };
  double const rows_max = knobs.journal_overlap_rows.info().max;
  // Writers that commit beside each other only if much waits: fewer and larger batches in flight.
  auto const fewer_commits = [rows_max](double rows) { return std::min(rows * 4, rows_max); };
  auto const &lobby = knobs.cache_lobby_page;
  // A page is never older than what it may be at all. Where nothing stale is served, somebody wants it so.
  auto const serve_stale = [&lobby](double ms) {
    if (ms <= 0) return ms;
    double const most = std::max(ms, TunedCache::kLobbyStaleMaxMs - lobby.ttl.number());
    return std::min(std::max(ms * 2, kStaleStepMs), most);
  };
  auto &stale = knobs.cache_lobby_page.stale_while_revalidate;
  return {{.stage = Stage::run_queue, .knob = &knobs.presence_window, .more = gather},
          {.stage = Stage::run_queue, .knob = &knobs.session_presence_per_second, .more = shed},
          {.stage = Stage::outbox, .knob = &knobs.session_presence_per_second, .more = shed},
          {.stage = Stage::journal_commit, .knob = &knobs.journal_overlap_rows, .more = fewer_commits},
          {.stage = Stage::database_wait, .knob = &stale, .more = serve_stale},
          {.stage = Stage::cache_load, .knob = &stale, .more = serve_stale}};
}

tuner::ReactiveMonitor::Options options_of(milliseconds block, std::uint64_t config_hash) {
  return {.second = std::max(block / 60, milliseconds(100)),
          .apart = block / 6,
          .lease = block * 10,
          .config_hash = config_hash};
}

double p99_ms(metrics::HistogramSnapshot const &values) { return static_cast<double>(values.quantile(0.99)) / 1e6; }

}  // namespace

ReactiveWatch::ReactiveWatch(Knobs &knobs, metrics::Catalogue &metrics, tuner::Record &record, milliseconds block,
                             std::uint64_t config_hash)
    : knobs_(knobs), metrics_(metrics), monitor_(remedies_of(knobs), record, options_of(block, config_hash)) {}

ReactiveWatch::Counted ReactiveWatch::counted() const {
  Counted counted{.answers = metrics_.host.release.snapshot(),
                  .turns = metrics_.runtime.turn.snapshot(),
                  .journal_waits = metrics_.journal.wait.snapshot(),
                  .commits = metrics_.journal.batch.snapshot(),
                  .pool_waits = metrics_.runtime.pool_wait.snapshot(),
                  .outboxes = metrics_.host.outbox_bytes.snapshot(),
                  .loads = {}};
  counted.answers.merge(metrics_.gateway.http_latency.snapshot());
  for (std::size_t cls = 0; cls < Words<metrics::CacheClass>::words.size(); ++cls) {
    counted.loads.merge(metrics_.cache.load.at(static_cast<metrics::CacheClass>(cls)).snapshot());
  }
  return counted;
}

tuner::ReactiveMonitor::Second ReactiveWatch::second() {
  auto now = counted();
  auto const before = std::exchange(seen_, now);
  auto const answers = now.answers.since(before.answers);
  tuner::ReactiveMonitor::Second second{.answers = static_cast<double>(answers.count()),
                                        .p99_ms = p99_ms(answers),
                                        .waiting = static_cast<double>(metrics_.host.actions_pending.value())};
  auto const delay = [&](Stage stage) -> double & { return second.delays[static_cast<std::size_t>(stage)]; };
  delay(Stage::run_queue) = p99_ms(now.turns.since(before.turns));
  delay(Stage::journal_queue) = p99_ms(now.journal_waits.since(before.journal_waits));
  delay(Stage::journal_commit) = p99_ms(now.commits.since(before.commits));
  delay(Stage::database_wait) = p99_ms(now.pool_waits.since(before.pool_waits));
  delay(Stage::cache_load) = p99_ms(now.loads.since(before.loads));
  // There is no clock on an outbox. Where presence is dropped for its length, it is taken to be as late as the
  // objective allows.
  double const outbox = static_cast<double>(now.outboxes.since(before.outboxes).quantile(0.99));
  delay(Stage::outbox) = knobs_.latency_objective.number() * outbox / knobs_.outbox_soft_bytes.number();
  return second;
}

Time ReactiveWatch::step(Time now, tuner::Mode mode) {
  if (!monitor_.due(now)) return monitor_.next();
  if (!std::exchange(begun_, true)) seen_ = counted();  // What was counted at the start is no second.
  monitor_.step(now, mode, second(), knobs_.latency_objective.number());
  tell();
  return monitor_.next();
}

void ReactiveWatch::end(Time now, tuner::Mode mode) {
  monitor_.end("the process ends", now, mode);
  tell();
}

void ReactiveWatch::tell() {
  auto &tuner = metrics_.tuner;
  tuner.breach.set(monitor_.breached() ? 1 : 0);
  tuner.leased.set(static_cast<std::int64_t>(monitor_.leases().size()));
  for (std::size_t i = 0; i < tuner::kStages; ++i) {
    auto const stage = static_cast<Stage>(i);
    auto const moves = monitor_.moves(stage);
    tuner.moves.at(stage).add(moves - std::exchange(told_[i], moves));
  }
}

}  // namespace tableforge::app
