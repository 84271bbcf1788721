#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "tableforge/runtime/shard.hpp"

namespace tableforge::host {

/// A table that holds presence back, as far as the window knows it.
class PresenceHolder {
 public:
  /// What was held back may leave at the end of this turn.
  virtual void window_over() = 0;

 protected:
  ~PresenceHolder() = default;
};

/// Wakes the tables of one shard that hold presence back, so that what people show within a window leaves in one write
/// for each of them. A write costs several microseconds whatever it carries, and cursors move faster than eyes follow.
///
/// Threads: the shard's only.
/// Owns:    a timer. A table that is gone by then is passed over.
/// Bounds:  one entry for each hold(); a table has at most one under way.
class PresenceWindow {
 public:
  using Clock = std::chrono::steady_clock;
  /// Windows end on a grid, so that one turn of the thread ends those of many tables.
  static constexpr std::chrono::milliseconds kGrid{2};

  explicit PresenceWindow(runtime::Shard &shard) : timer_(shard.context()) {}

  /// `holder` is woken once, at `due` or up to kGrid later.
  void hold(std::weak_ptr<PresenceHolder> holder, Clock::time_point due);

 private:
  struct Held {
    Clock::time_point due;
    std::weak_ptr<PresenceHolder> holder;
    bool operator>(Held const &other) const { return due > other.due; }
  };

  void arm();
  void wake();

  boost::asio::steady_timer timer_;
  std::priority_queue<Held, std::vector<Held>, std::greater<>> held_;
};

}  // namespace tableforge::host
