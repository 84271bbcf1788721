#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tableforge/load/http_client.hpp"
#include "tableforge/load/load.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/shard.hpp"

#include "load/load_client.hpp"
#include "load/load_plan.hpp"
#include "load/load_progress.hpp"
#include "load/process_use.hpp"
#include "load/signal.hpp"

namespace tableforge::load {

/// One run of the load generator, from setting up to the report. load_run.cpp has its course, load_setup.cpp how
/// clients come to their tables, load_watch.cpp what is measured beside the messages.
///
/// Threads: run() blocks the caller's, and all of it happens there.
class LoadRun {
 public:
  LoadRun(LoadOptions const &options, Endpoint server, std::uint64_t seed);
  ~LoadRun();

  LoadReport run();

 private:
  /// What a rate came to that was tried.
  struct Trial {
    bool held = false;
    std::string why{};  ///< It did not.
  };
  struct Totals {
    ProcessTotals own{};
    std::optional<ProcessTotals> server{};
    std::optional<ProcessTotals> database{};
    std::uint64_t bytes = 0;
    std::int64_t at = 0;
  };

  static boost::asio::awaitable<void> course(LoadRun &run);
  boost::asio::awaitable<void> play();
  boost::asio::awaitable<void> run_phase(LoadPhase phase, bool reported);
  boost::asio::awaitable<void> pace(double rate, std::int64_t begin, std::int64_t end);
  boost::asio::awaitable<void> search();
  boost::asio::awaitable<Trial> try_rate(double rate);
  boost::asio::awaitable<bool> settle();
  [[nodiscard]] Trial judge(LoadStage const &stage) const;
  [[nodiscard]] bool all_caught_up() const;
  [[nodiscard]] std::uint64_t missing(LoadClient const &client) const;
  void send(std::int64_t due);
  LoadKind pick_kind();
  void count_stragglers();
  void report();
  void find_causes();

  boost::asio::awaitable<void> set_up();
  static boost::asio::awaitable<void> open_tables(LoadRun &run);
  boost::asio::awaitable<void> open_table(std::size_t table);
  boost::asio::awaitable<void> admit(std::size_t table);
  boost::asio::awaitable<void> hand_out_pieces(std::size_t table);
  boost::asio::awaitable<Result<void>> connect(LoadClient &client);
  static boost::asio::awaitable<void> rejoin(LoadRun &run, LoadClient &client, bool at_once);
  void seat_clients();
  void client_lost(LoadClient &client, std::string_view why);
  void fail(std::string what);

  static boost::asio::awaitable<void> watch(LoadRun &run);
  static boost::asio::awaitable<void> churn(LoadRun &run);
  static boost::asio::awaitable<void> read_slowly(LoadRun &run);
  void stop_on_signals();
  [[nodiscard]] Totals totals() const;
  void take_sample(Totals const &before, Totals const &after, LoadStage const &total_before);
  void start(std::string_view name, boost::asio::awaitable<void> task);

  [[nodiscard]] bool going() const { return !stopping_ && report_.failures.empty(); }
  [[nodiscard]] bool presence_only() const { return options_.mix.actions() <= 0; }

  LoadOptions const &options_;
  Endpoint server_;
  HttpClient http_;
  LoadReport report_;
  LoadProgress progress_;
  metrics::RuntimeMetrics metrics_;
  runtime::Shard shard_{0, metrics_};
  Signal changed_;
  boost::asio::steady_timer pace_timer_;
  boost::asio::signal_set signals_;
  LoadFloor floor_;
  std::vector<LoadTable> tables_;
  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::vector<LoadClient *> senders_;  // In the order in which they take turns.
  std::mt19937_64 random_;
  std::discrete_distribution<int> kinds_;
  std::map<std::string, std::uint64_t, std::less<>> refusals_;
  std::map<std::string, std::uint64_t, std::less<>> ends_;  // Of connections, by the reason.
  std::size_t next_sender_ = 0;
  std::size_t next_table_ = 0;
  std::size_t settled_ = 0;
  std::size_t tasks_ = 0;
  std::uint64_t slow_ends_ = 0;
  std::uint64_t nobody_there_ = 0;
  std::int64_t load_begin_ = 0;
  LoadTally::Stage const *sampled_stage_ = nullptr;
  FineHistogram acks_before_;
  FineHistogram presence_before_;
  bool setting_up_ = true;
  bool stopping_ = false;
  bool ending_ = false;
};

}  // namespace tableforge::load
