#include "app/backend_watch.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include <pthread.h>

#include "tableforge/log/log.hpp"
#include "tableforge/storage/postgres_snapshot_store.hpp"

namespace tableforge::app {

namespace {

constexpr std::chrono::seconds kWatchRound{1};
/// A database that takes longer to look up one key is as good as away.
constexpr std::chrono::milliseconds kAnswerLimit{3'000};

/// Waits for the next round; false when it is time to end.
bool next_round(std::stop_token const &stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, kWatchRound, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

BackendWatch::BackendWatch(std::string const &database_url, redis::Client const &redis, Readiness &readiness,
                           metrics::StorageMetrics &metrics)
    : session_({.url = database_url,
                .connections_max = 1,
                .acquire_timeout = kAnswerLimit,
                .statement_timeout = kAnswerLimit},
               metrics),
      thread_([this, &redis, &readiness](std::stop_token const &stop) { look(stop, redis, readiness); }) {}

BackendWatch::~BackendWatch() {
  thread_.request_stop();
  session_.close();
}

void BackendWatch::look(std::stop_token const &stop, redis::Client const &redis, Readiness &readiness) {
  ::pthread_setname_np(::pthread_self(), "tf-watch");
  storage::PostgresSnapshotStore probe(session_);
  do {
    // No table has the id of all zeros, so this is one look into an index.
    bool const up = probe.newest(TableId()).has_value();
    if (stop.stop_requested()) return;  // What failed then failed because it was cut.
    bool const was_up = readiness.postgres_up();
    readiness.set_postgres(up);
    readiness.set_redis(redis.health());
    if (was_up && !up) log::warn("PostgreSQL does not answer: tables can be read, and wait until it does");
    if (!was_up && up) log::warn("PostgreSQL answers again");
  } while (next_round(stop));
}

}  // namespace tableforge::app
