#include "app/tuning.hpp"

#include <array>
#include <ctime>
#include <future>

#include "tableforge/base/os_random.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::app {

namespace {

using std::chrono::milliseconds;

static_assert(Words<metrics::TrialVerdict>::words == Words<tuner::Verdict>::words);

/// How often the loop is looked after if nothing is due: whether PostgreSQL answers, and what was spooled.
constexpr std::chrono::seconds kTick{1};

/// Whoever opens the lobby expects the table that was made a moment ago; half a minute is the worst that may be.
constexpr double kLobbyTtlMaxMs = 30'000;
/// Below this a cache does nothing but coalesce, which it does anyway.
constexpr double kLobbyTtlMinMs = 50;

std::uint64_t random_number() {
  std::array<std::byte, sizeof(std::uint64_t)> bytes{};
  os_random(bytes);
  std::uint64_t number = 0;
  for (std::byte const byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return number;
}

std::chrono::nanoseconds thread_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

tuner::TunerOptions options_of(TunerPlan const &plan, milliseconds block) {
  tuner::TunerOptions options{
      .mode = plan.mode, .weights = plan.weights, .seed = random_number(), .config_hash = plan.config_hash};
  options.plan.block_min = block;
  return options;
}

}  // namespace

class Tuning::MeteredRecord final : public tuner::Record {
 public:
  MeteredRecord(tuner::Record &record, metrics::TunerMetrics &metrics) : record_(record), metrics_(metrics) {}

  Result<void> append(tuner::Action const &action) override {
    auto written = record_.append(action);
    if (written && action.verdict) count(action);
    return written;
  }
  Result<std::vector<tuner::Action>> unfinished(std::string_view domain) override { return record_.unfinished(domain); }
  Result<void> remember(tuner::KnobState const &state) override { return record_.remember(state); }
  Result<std::vector<tuner::KnobState>> recall(std::string_view domain) override { return record_.recall(domain); }
  Result<void> note(std::string_view domain, tuner::Observation const &seen) override {
    return record_.note(domain, seen);
  }

 private:
  void count(tuner::Action const &action) {
    metrics_.trials.at(*action.verdict).add();
    if (action.state != tuner::ActionState::kept) metrics_.rollbacks.at(*action.verdict).add();
    auto const domain = from_word<metrics::TunerDomain>(action.domain);
    if (!domain) return;
    metrics_.predicted_gain.at(*domain).set(action.predicted_gain);
    if (action.realised_gain) metrics_.realised_gain.at(*domain).set(*action.realised_gain);
    log::info("the tuner ended a trial", {{"domain", action.domain},
                                          {"knob", action.changes.front().knob},
                                          {"from", action.changes.front().from},
                                          {"to", action.changes.front().to},
                                          {"state", word(action.state)},
                                          {"verdict", word(*action.verdict)},
                                          {"why", action.reason}});
  }

  tuner::Record &record_;
  metrics::TunerMetrics &metrics_;
};

class Tuning::MeteredCache final : public tuner::CacheDomain {
 public:
  MeteredCache(std::vector<tuner::CachedClass *> classes, tuner::VitalSigns &vitals, metrics::TunerMetrics &metrics)
      : CacheDomain(std::move(classes), vitals, {}), metrics_(metrics) {}

  Result<void> undo(std::vector<tuner::Change> const &changes) override {
    auto const begun = std::chrono::steady_clock::now();
    auto undone = CacheDomain::undo(changes);
    metrics_.rollback.record(std::chrono::steady_clock::now() - begun);
    return undone;
  }

 private:
  metrics::TunerMetrics &metrics_;
};

Tuning::Busy::Busy(Tuning &tuning) : tuning_(tuning), begun_(thread_time()) {}

Tuning::Busy::~Busy() {
  tuning_.tell();
  tuning_.metrics_.cpu.add(thread_time() - begun_);
  // What was said may have made something due.
  tuning_.wake();
}

Tuning::Tuning(Parts parts)
    : plan_(tuner_plan(parts.settings)),
      metrics_(parts.metrics.tuner),
      readiness_(parts.readiness),
      table_states_({.knobs = parts.knobs.cache_table_state,
                     .ttl_min_ms = 0,
                     .ttl_max_ms = 0,
                     .locked = "a table's state is good however old, since what came behind it is always read",
                     .epoch = parts.settings.tuner_block}),
      lobby_pages_({.knobs = parts.knobs.cache_lobby_page,
                    .ttl_min_ms = kLobbyTtlMinMs,
                    .ttl_max_ms = kLobbyTtlMaxMs,
                    .locked = {},
                    .epoch = parts.settings.tuner_block}),
      history_pages_({.knobs = parts.knobs.cache_history_page,
                      .ttl_min_ms = 0,
                      .ttl_max_ms = 0,
                      .locked = "nothing of it ever changes, so that its memory bounds it and not its lifetime",
                      .epoch = parts.settings.tuner_block}),
      vitals_(parts.metrics),
      connections_({.url = parts.settings.database_url,
                    .connections_max = 1,
                    .acquire_timeout = milliseconds(2'000),
                    .statement_timeout = milliseconds(5'000)},
                   parts.metrics.storage),
      record_(connections_, {.instance = std::move(parts.instance), .spool = parts.run_dir / "tuner-spool"}),
      metered_(std::make_unique<MeteredRecord>(record_, metrics_)),
      metered_cache_(std::make_unique<MeteredCache>(classes(), vitals_, metrics_)),
      cache_(*metered_cache_),
      tuner_({{cache_, plan_.cache_schedule}}, *metered_, options_of(plan_, parts.settings.tuner_block)),
      pool_({.name = "tuner", .threads = 1}, pool_metrics_) {}

Tuning::~Tuning() { stop(); }

std::vector<tuner::CachedClass *> Tuning::classes() { return {&table_states_, &lobby_pages_, &history_pages_}; }

cache::WatchMaker Tuning::watches() {
  if (off()) return {};
  return [this](cache::ClassSpec const &cls) -> std::unique_ptr<cache::Watch> {
    switch (cls.id) {
      case metrics::CacheClass::table_state: return table_states_.watch();
      case metrics::CacheClass::lobby_page: return lobby_pages_.watch();
      case metrics::CacheClass::history_page: return history_pages_.watch();
    }
    return nullptr;
  };
}

void Tuning::start() {
  if (off()) return;
  clock_ = std::jthread([this](std::stop_token const &stop) { tick(stop); });
}

void Tuning::stop() {
  if (!clock_.joinable()) return;
  clock_.request_stop();
  clock_.join();
  static_cast<void>(pool_.try_post([this] {
    if (started_) tuner_.stop(wall_clock_now());
    tell();
  }));
  pool_.drain();
}

void Tuning::tick(std::stop_token const &stop) {
  while (!stop.stop_requested()) {
    auto const turned = std::make_shared<std::promise<Time>>();
    auto next = turned->get_future();
    if (!pool_.try_post([this, turned] { turned->set_value(advance()); })) return;
    auto const wait = std::clamp<Time::duration>(next.get() - wall_clock_now(), milliseconds(1), kTick);
    std::unique_lock lock(mutex_);
    static_cast<void>(wake_.wait_for(lock, stop, wait, [this] { return woken_; }));
    woken_ = false;
  }
}

Time Tuning::advance() {
  auto const begun = thread_time();
  auto const now = wall_clock_now();
  bool const there = readiness_.postgres_up();
  if (!started_ && there) {
    auto const done = tuner_.start(now);
    started_ = done.has_value();
    if (!started_) log::warn("the tuner cannot begin yet", {{"why", done.error()}});
  }
  Time next = now + kTick;
  if (started_) {
    // Both sides of a trial would cost what an outage costs, and nothing of it would be the knob's.
    if (!there) tuner_.interrupt("PostgreSQL does not answer", now);
    if (there && record_.spooled() > 0) static_cast<void>(record_.settle());
    next = tuner_.advance(now);
  }
  tell();
  metrics_.cpu.add(thread_time() - begun);
  return next;
}

/// What operators read of it between the trials.
void Tuning::tell() {
  std::int64_t frozen = 0;
  std::int64_t pinned = 0;
  std::uint64_t reversals = 0;
  for (auto const &knob : cache_.knobs()) {
    auto const *const state = tuner_.knob_state(knob.name);
    if (state == nullptr) continue;
    if (state->memory.frozen(wall_clock_now())) ++frozen;
    if (state->pinned) ++pinned;
    reversals += state->memory.reversals;
  }
  metrics_.frozen.set(frozen);
  metrics_.pinned.set(pinned);
  metrics_.trying.set(tuner_.trial(cache_.name()) != nullptr ? 1 : 0);
  metrics_.spooled.set(static_cast<std::int64_t>(record_.spooled()));
  // A reset forgets them, and those of processes before this one are not its own.
  if (reversals > reversals_ && started_) metrics_.reversals.add(reversals - reversals_);
  reversals_ = reversals;
}

void Tuning::wake() {
  {
    std::lock_guard const lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

}  // namespace tableforge::app
