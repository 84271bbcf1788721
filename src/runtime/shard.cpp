#include "tableforge/runtime/shard.hpp"

#include <algorithm>

#include <time.h>

#include "tableforge/base/check.hpp"

namespace tableforge::runtime {

namespace {

std::chrono::nanoseconds thread_cpu_time() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

}  // namespace

Shard::Shard(unsigned index, metrics::RuntimeMetrics &metrics) : index_(index), metrics_(metrics) {}

Shard::~Shard() {
  // What the context still holds is destroyed with it, here, and may ask whether it is on its thread.
  adopt_this_thread();
  dirty_.clear();
}

void Shard::run() {
  adopt_this_thread();
  auto cpu_before = thread_cpu_time();
  while (!context_.stopped()) {
    // What flush() left dirty must not wait for the next input.
    if (dirty_.empty() && context_.run_one() == 0) break;
    auto const woken = std::chrono::steady_clock::now();
    poll();
    flush();
    // The handler that ended the wait ran inside run_one(), where the clock cannot tell it from the wait. The
    // thread's CPU time can, unless that handler blocked, so the longer of the two is the turn.
    std::chrono::nanoseconds const wall = std::chrono::steady_clock::now() - woken;
    auto const cpu_now = thread_cpu_time();
    metrics_.turn.record(std::max(wall, cpu_now - cpu_before));
    cpu_before = cpu_now;
  }
}

std::size_t Shard::turn() {
  TF_CHECK(on_this_thread());
  std::size_t const handlers = poll();
  flush();
  return handlers;
}

std::size_t Shard::poll() {
  std::size_t polled = 0;
  while (polled < kPollsMax && context_.poll_one() > 0) ++polled;
  return polled;
}

void Shard::flush() {
  for (std::size_t round = 0; round < kFlushRoundsMax && !dirty_.empty(); ++round) {
    // Taken as a whole, so that one which marks itself again cannot keep the others from their turn. It is taken off
    // before it is flushed, because flushing may destroy it.
    DirtyList batch;
    batch.swap(dirty_);
    while (!batch.empty()) {
      Flushable &next = batch.front();
      batch.pop_front();
      next.flush();
    }
  }
}

}  // namespace tableforge::runtime
