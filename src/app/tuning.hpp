#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/cache/watch.hpp"
#include "tableforge/config/settings.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/blocking_pool.hpp"
#include "tableforge/storage/connection_pool.hpp"
#include "tableforge/storage/postgres_tuner_record.hpp"
#include "tableforge/tuner/tuner.hpp"

#include "app/metered_record.hpp"
#include "app/reactive_watch.hpp"
#include "app/readiness.hpp"
#include "app/tuned_domains.hpp"
#include "app/tuner_plan.hpp"

namespace tableforge::app {

/// The tuner inside the server: the loop on a thread of its own, the domains that there are, and the record.
///
/// It is there before anything serves, so that operators can be told so; it begins with start(). Started with
/// --tuner=off it looks at nothing, and nothing can make it.
///
/// Threads: any; what concerns the loop happens on its thread, one thing after the other.
/// Owns:    the loop, its thread, its session with PostgreSQL. Outlives the cache whose reads it watches.
/// Errors:  of ask(): conflict where the tuner is off; unavailable until the record could be read; those of the pool.
class Tuning {
 public:
  struct Parts {
    config::Settings const &settings;
    std::string instance;
    std::filesystem::path run_dir;
    Knobs &knobs;
    metrics::Catalogue &metrics;
    Readiness const &readiness;
  };
  /// What an operator's question is put to, on the tuner's thread.
  struct Desk {
    tuner::Tuner &tuner;
    std::vector<tuner::TunedDomain> const &domains;
    storage::PostgresTunerRecord &record;
    tuner::ReactiveMonitor const &monitor;
    Time now;
  };

  explicit Tuning(Parts parts);
  ~Tuning();
  Tuning(Tuning const &) = delete;
  Tuning &operator=(Tuning const &) = delete;

  /// For the cache; none if nobody looks.
  [[nodiscard]] cache::WatchMaker watches();
  [[nodiscard]] bool off() const { return plan_.mode == tuner::Mode::off; }

  /// When PostgreSQL has answered and the server serves.
  void start();
  /// Ends trials and takes them back. Blocks, for as long as the record takes.
  void stop();

  /// Calls f(Desk const &), which returns a Result.
  template <class F>
  [[nodiscard]] boost::asio::awaitable<std::invoke_result_t<F &, Desk const &>> ask(F f) {
    using R = std::invoke_result_t<F &, Desk const &>;
    if (off()) co_return fail(Errc::conflict, "the server was started with --tuner=off, and looks at nothing");
    auto const work = [this, f = std::move(f)]() mutable -> R {
      if (!started_) return fail(Errc::unavailable, "the tuner has not begun yet");
      Busy const busy(*this);
      return f(Desk{tuner_, tuned_, record_, reactive_.monitor(), wall_clock_now()});
    };
    co_return co_await pool_.run(work, kAskLimit);
  }

 private:
  /// Counts the work that is counted in the metrics as the tuner's.
  class Busy {
   public:
    explicit Busy(Tuning &tuning);
    ~Busy();
    Busy(Busy const &) = delete;
    Busy &operator=(Busy const &) = delete;

   private:
    Tuning &tuning_;
    std::chrono::nanoseconds begun_;
  };
  /// Beyond the deadlines of what it asks the database, of which an operator's word may take several.
  static constexpr std::chrono::seconds kAskLimit{30};

  void tick(std::stop_token const &stop);
  /// One turn of the loop; when there is to be another one.
  Time advance();
  void tell();
  void tell(MeteredDomain const &domain);
  void wake();

  TunerPlan const plan_;
  metrics::TunerMetrics &metrics_;
  Readiness const &readiness_;
  TunedDomains domains_;
  std::vector<tuner::TunedDomain> tuned_;
  storage::ConnectionPool connections_;
  storage::PostgresTunerRecord record_;
  MeteredRecord metered_;
  ReactiveWatch reactive_;
  tuner::Tuner tuner_;
  bool started_ = false;  ///< The record has been read. The tuner's thread.
  /// As told in the metrics, by domain.
  std::array<std::uint64_t, Words<metrics::TunerDomain>::words.size()> reversals_{};

  metrics::RuntimeMetrics pool_metrics_;  // Not exported: they would be taken for those of the readers.
  runtime::BlockingPool pool_;
  std::mutex mutex_;  // A condition variable needs the naked mutex; it guards the next.
  bool woken_ = false;
  std::condition_variable_any wake_;
  std::jthread clock_;
};

}  // namespace tableforge::app
