#include "tableforge/runtime/shard.hpp"

#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::runtime {

Shard::Shard(unsigned index, metrics::RuntimeMetrics &metrics) : index_(index), metrics_(metrics) {}

Shard::~Shard() {
  // What the context still holds is destroyed with it, here, and may ask whether it is on its thread.
  adopt_this_thread();
  dirty_.clear();
}

void Shard::run() {
  adopt_this_thread();
  while (!context_.stopped()) {
    // What flush() left dirty must not wait for the next input.
    if (dirty_.empty() && context_.run_one() == 0) break;
    woken();
    poll();
    flush();
    metrics_.turn.record(std::chrono::steady_clock::now() - *std::exchange(woken_, std::nullopt));
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
