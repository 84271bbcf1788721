#pragma once

#include <chrono>

namespace tableforge::app {

/// SIGTERM and SIGINT: the first one is waited for, a second one ends the process where it stands.
///
/// Threads: made by the main thread before there are others, which inherit that both are blocked; but for ask(), used
/// by it alone. Owns:    the process's signal mask and dispositions, for good.
class StopSignals {
 public:
  /// Also ignores SIGPIPE: that a peer has gone is told by write().
  StopSignals();
  StopSignals(StopSignals const &) = delete;
  StopSignals &operator=(StopSignals const &) = delete;

  /// Begins what the first signal begins, and never what a second one does: a signal of its own, SIGUSR1. Any thread.
  void ask();

  /// Blocks until the first signal.
  void wait();
  /// The same for a while. True if a signal has come, now or earlier.
  bool wait_for(std::chrono::milliseconds limit);

  /// From now on a signal ends the process at once, with 128 + its number; and so does, with 1, the limit. Called when
  /// a shutdown begins.
  void end_at_once(std::chrono::milliseconds limit);

 private:
  bool came_ = false;
};

}  // namespace tableforge::app
