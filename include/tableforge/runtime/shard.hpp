#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/flushable.hpp"

namespace tableforge::runtime {

namespace asio = boost::asio;

/// One I/O thread: its io_context, and the loop that sends at the end of each turn what was written during it.
///
/// A turn is one wait, a bounded number of handlers, then flush() of everything that was marked dirty. Flushing is
/// never posted: a posted flush queues behind the reactor and leaves one wait late.
///
/// Threads: post(), stop() and the getters from any; the rest on the shard's own thread.
/// Owns:    the io_context. What is marked dirty belongs to others.
/// Bounds:  `kPollsMax` handlers a turn, so that a flood of input cannot postpone output.
/// Errors:  none; a handler that throws ends the process, because nobody knows what it left half done.
class Shard {
 public:
  /// Measured: 128 to 1024 make no difference, flushing after each handler halves the throughput.
  static constexpr std::size_t kPollsMax = 256;
  /// How often flushing may cause further flushing before the loop looks at its sockets again.
  static constexpr std::size_t kFlushRoundsMax = 4;

  Shard(unsigned index, metrics::RuntimeMetrics &metrics);
  ~Shard();
  Shard(Shard const &) = delete;
  Shard &operator=(Shard const &) = delete;

  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] asio::io_context &context() { return context_; }
  [[nodiscard]] asio::io_context::executor_type executor() { return context_.get_executor(); }
  [[nodiscard]] metrics::RuntimeMetrics &metrics() { return metrics_; }

  [[nodiscard]] bool on_this_thread() const {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }
  [[nodiscard]] bool stopped() const { return context_.stopped(); }

  /// Runs f() on the shard's thread, never before this returns. Safe from any thread until the shard is destroyed.
  template <class F>
  void post(F f) {
    asio::post(context_, [this, f = std::move(f)]() mutable {
      woken();
      f();
    });
  }

  /// A turn's time counts from here, if nothing of it came before. The handler that ends the wait runs inside it, where
  /// the loop cannot tell the one from the other, so whoever may have much to do in it says so first.
  void woken() {
    if (!woken_) woken_ = std::chrono::steady_clock::now();
  }

  /// Has `flushable` flushed at the end of this turn, once, however often it is marked.
  void mark_dirty(Flushable &flushable) {
    if (!flushable.is_linked()) dirty_.push_back(flushable);
  }
  /// The same, ahead of all that are not marked so: for what others can work on while the rest is flushed.
  void mark_dirty_first(Flushable &flushable) {
    if (!flushable.is_linked()) dirty_.push_front(flushable);
  }

  /// The loop; returns after stop(). The calling thread becomes the shard's.
  void run();
  void stop() { context_.stop(); }

  /// Makes the calling thread the shard's. run() does so itself; this is for boot and for tests that turn by hand.
  void adopt_this_thread() { thread_.store(std::this_thread::get_id(), std::memory_order_relaxed); }
  /// One turn that does not wait: what is ready runs, then what is dirty is flushed. Returns how many handlers ran.
  std::size_t turn();

 private:
  using DirtyList = boost::intrusive::list<Flushable, boost::intrusive::constant_time_size<false>>;

  std::size_t poll();
  void flush();

  unsigned const index_;
  metrics::RuntimeMetrics &metrics_;
  asio::io_context context_{1};  // 1 = a single thread runs it, so Asio leaves out what only several need.
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::atomic<std::thread::id> thread_{};
  DirtyList dirty_;
  std::optional<std::chrono::steady_clock::time_point> woken_;  // Since when this turn does something.
};

}  // namespace tableforge::runtime
