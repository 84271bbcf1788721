#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "tableforge/host/ports/journal.hpp"

namespace tableforge::storage {

/// An append that waits for a writer.
struct PendingAppend : host::Appending {
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
  bool push(std::span<PendingAppend> pending);

  struct Bounds {
    std::size_t rows_max;
    std::size_t bytes_max;
    /// While another batch is being committed, rows gather until so many wait, or half of bytes_max, or one for
    /// gather_max: a batch beside another one pays off only if it is large itself.
    std::size_t overlap_rows;
    Clock::duration gather_max;
  };

  /// All that waits, within these bounds but at least one; waits for the first. Empty only once closed and drained. The
  /// batch counts as being committed until finished() is called.
  std::vector<PendingAppend> take(Bounds const &bounds);
  void finished();

  /// A wait that abandon() cuts short.
  void pause(Clock::duration duration);

  /// Nothing is taken in any more; what waits is still handed out.
  void close();
  /// Nothing more is worth waiting for.
  void abandon();
  [[nodiscard]] bool abandoned() const;

 private:
  [[nodiscard]] bool worth_taking() const;

  mutable std::mutex mutex_;  // Naked for the sake of the condition variables; it guards all that follows.
  std::condition_variable filled_;
  std::condition_variable given_up_;
  std::deque<PendingAppend> waiting_;
  std::size_t waiting_bytes_ = 0;  // Of bodies.
  Bounds bounds_{};                // As the last take() said.
  std::size_t being_committed_ = 0;
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace tableforge::storage
