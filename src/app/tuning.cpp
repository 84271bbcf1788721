#include "app/tuning.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <future>

#include "tableforge/base/os_random.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::app {

namespace {

using std::chrono::milliseconds;

/// How often the loop is looked after if nothing is due: whether PostgreSQL answers, and what was spooled.
constexpr std::chrono::seconds kTick{1};

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
      domains_({.settings = parts.settings, .knobs = parts.knobs, .metrics = parts.metrics}, plan_),
      tuned_(domains_.tuned()),
      connections_({.url = parts.settings.database_url,
                    .connections_max = 1,
                    .acquire_timeout = milliseconds(2'000),
                    .statement_timeout = milliseconds(5'000)},
                   parts.metrics.storage),
      record_(connections_, {.instance = std::move(parts.instance), .spool = parts.run_dir / "tuner-spool"}),
      metered_(record_, metrics_),
      reactive_(parts.knobs, parts.metrics, metered_, parts.settings.tuner_block, plan_.config_hash),
      tuner_(tuned_, metered_, options_of(plan_, parts.settings.tuner_block)),
      pool_({.name = "tuner", .threads = 1}, pool_metrics_) {}

Tuning::~Tuning() { stop(); }

cache::WatchMaker Tuning::watches() { return off() ? cache::WatchMaker() : domains_.cache().watches(); }

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
    domains_.fanout().governor().end();
    reactive_.end(wall_clock_now(), tuner_.mode());
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
    // First, since it says whether anything is to be tried now.
    auto const watched = reactive_.step(now, tuner_.mode());
    tuner_.hold(reactive_.monitor().breached());
    domains_.fanout().governor().step(now, tuner_.mode());
    next = std::min(watched, tuner_.advance(now));
  }
  tell();
  metrics_.cpu.add(thread_time() - begun);
  return next;
}

/// What operators read of it between the trials.
void Tuning::tell() {
  for (auto const &domain : domains_.all()) tell(*domain);
  metrics_.spooled.set(static_cast<std::int64_t>(record_.spooled()));
}

void Tuning::tell(MeteredDomain const &domain) {
  std::int64_t frozen = 0;
  std::int64_t pinned = 0;
  std::uint64_t reversals = 0;
  for (auto const &knob : domain.knobs()) {
    auto const *const state = tuner_.knob_state(knob.name);
    if (state == nullptr) continue;
    if (state->memory.frozen(wall_clock_now())) ++frozen;
    if (state->pinned) ++pinned;
    reversals += state->memory.reversals;
  }
  auto const id = domain.id();
  metrics_.frozen.at(id).set(frozen);
  metrics_.pinned.at(id).set(pinned);
  metrics_.trying.at(id).set(tuner_.trial(domain.name()) != nullptr ? 1 : 0);
  // A reset forgets them, and those of processes before this one are not its own.
  auto &told = reversals_[static_cast<std::size_t>(id)];
  if (reversals > told && started_) metrics_.reversals.at(id).add(reversals - told);
  told = reversals;
}

void Tuning::wake() {
  {
    std::lock_guard const lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

}  // namespace tableforge::app
