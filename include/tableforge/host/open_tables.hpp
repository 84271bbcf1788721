#pragma once

#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/host/os_chance.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/table/system.hpp"

namespace tableforge::host {

/// The tables that are open on one shard, and their housekeeping: loading on demand, looking for rows that other
/// instances wrote, snapshots, unloading what is idle.
///
/// Threads: the shard's only.
/// Owns:    the table hosts; whoever awaits one gets a share.
/// Errors:  not_found, unavailable, timeout, overloaded, as loading goes.
class OpenTables {
 public:
  struct Parts {
    runtime::Shard &shard;
    runtime::BlockingPool &pool;
    Journal &journal;
    SnapshotStore &snapshots;
    TableStates *states = nullptr;  ///< The shard's own. Null: none are at hand, ever.
    Relay *relay = nullptr;         ///< The shard's own. Null: what others write is found by looking.
    Knobs const &knobs;
    metrics::HostMetrics &metrics;
    TurnLog::Framer framer;
    std::function<void(TableId, std::string const &)> renamed;
  };

  explicit OpenTables(Parts const &parts);
  ~OpenTables();
  OpenTables(OpenTables const &) = delete;
  OpenTables &operator=(OpenTables const &) = delete;

  /// The table, loaded if need be; any number of callers share one load.
  [[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<TableHost>>> open(TableId table);

  /// Writes the first event of a new table and opens it.
  /// Errors: invalid with the rules' own sentence if the founding makes no sense; unavailable, conflict.
  [[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<TableHost>>> found(table::Event first_event);

  /// The shard's own source of chance, for what is decided outside a table (its founding).
  [[nodiscard]] table::Chance &chance() { return chance_; }

  /// Starts looking for foreign rows and idle tables.
  void start();
  /// Goodbye to everybody; then waits until nothing is under way or the limit has passed. What is left of the limit
  /// goes into keeping states for whoever serves these tables next.
  [[nodiscard]] boost::asio::awaitable<void> close(std::chrono::milliseconds retry_spread,
                                                   std::chrono::steady_clock::duration limit);

  [[nodiscard]] std::size_t size() const { return tables_.size(); }

 private:
  struct Load;

  boost::asio::awaitable<void> load(TableId table, std::shared_ptr<Load> load);
  boost::asio::awaitable<void> keep(TableId table, Seq wrong, std::shared_ptr<KeptState const> state);
  boost::asio::awaitable<void> keep_for_others(std::chrono::steady_clock::time_point deadline);
  boost::asio::awaitable<void> keep_house();
  boost::asio::awaitable<void> look_for_newer();
  void unload_idle(std::chrono::steady_clock::time_point now);
  [[nodiscard]] HostContext context();
  std::shared_ptr<TableHost> admit(LoadedTable loaded, std::shared_ptr<RelayLine> line);
  void look_soon();

  Parts parts_;
  OsChance chance_;
  TurnMemory turn_memory_;
  AppendBatch appends_;
  PresenceWindow presence_window_;
  boost::asio::steady_timer look_timer_;
  bool look_asked_ = false;
  runtime::Scope scope_;
  std::unordered_map<TableId, std::shared_ptr<TableHost>> tables_;
  std::unordered_map<TableId, std::shared_ptr<Load>> loads_;
};

}  // namespace tableforge::host
