#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "tableforge/host/ports/journal.hpp"

namespace tableforge::storage {

/// An append with the one who waits for its outcome.
struct PendingAppend {
  host::Append append;
  host::Journal::Done done;
  std::chrono::steady_clock::time_point since;
  bool repeated = false;  ///< It was sent before, so its row may stand already.
};

/// Appends on their way to the journal's writers.
///
/// Threads: any; take() and pause() block.
/// Bounds:  by the callers, who have at most one append per table in flight.
class AppendQueue {
 public:
  using Clock = std::chrono::steady_clock;

  /// False, and nothing is taken over, once the queue is closed.
  bool push(PendingAppend &pending);

  /// All that waits, up to these bounds but at least one; waits for the first. Empty only once closed and drained.
  std::vector<PendingAppend> take(std::size_t rows_max, std::size_t bytes_max);

  /// A wait that abandon() cuts short.
  void pause(Clock::duration duration);

  /// Nothing is taken in any more; what waits is still handed out.
  void close();
  /// Nothing more is worth waiting for.
  void abandon();
  [[nodiscard]] bool abandoned() const;

 private:
  mutable std::mutex mutex_;  // Naked for the sake of the condition variables; it guards all that follows.
  std::condition_variable filled_;
  std::condition_variable given_up_;
  std::deque<PendingAppend> waiting_;
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace tableforge::storage
