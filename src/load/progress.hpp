#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tableforge/load/replay.hpp"

namespace tableforge::load {

/// Shows on stderr how far a replay is: one line that is rewritten on a terminal, now and then a line elsewhere.
///
/// Threads: the executor's one thread.
/// Owns:    a timer, until stop().
class Progress {
 public:
  Progress(boost::asio::any_io_executor executor, ReplayReport const &counts);

  void start();
  /// Leaves the terminal's line.
  void stop();

 private:
  void tick();
  void show() const;

  boost::asio::steady_timer timer_;
  ReplayReport const &counts_;
  bool terminal_;
};

}  // namespace tableforge::load
