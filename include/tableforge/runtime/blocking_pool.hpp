#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::runtime {

namespace asio = boost::asio;

/// Threads for calls that block, which a shard must never make itself.
///
/// Threads: any. A call resumes on its caller's executor, which must live until the pool is drained.
/// Owns:    the queue and the threads. Destroying it drains it.
/// Bounds:  `queue_max` calls waiting; one more is answered Errc::overloaded at once.
/// Errors:  overloaded; timeout at the deadline (a call that had begun goes on, its late result is dropped; one that
///          had not is never begun); cancelled for the caller's own cancellation and after drain(); unavailable
///          for a call that threw, which is logged, because adapters are not supposed to.
class BlockingPool {
 public:
  struct Options {
    std::string name{};  ///< The first 10 characters show in the threads' names.
    unsigned threads = 1;
    std::size_t queue_max = 1'024;
  };
  using Job = std::move_only_function<void()>;

  BlockingPool(Options options, metrics::RuntimeMetrics &metrics);
  ~BlockingPool();
  BlockingPool(BlockingPool const &) = delete;
  BlockingPool &operator=(BlockingPool const &) = delete;

  /// Calls `f`, which returns a Result, on one of the threads.
  template <class F>
  [[nodiscard]] asio::awaitable<std::invoke_result_t<F &>> run(F f, std::chrono::steady_clock::duration limit);

  /// Queues a job that needs no answer. False, and the job is destroyed, when the queue is full or draining.
  [[nodiscard]] bool try_post(Job job);

  /// Takes no further calls, finishes those that wait, and joins the threads. Blocks; not on a shard.
  void drain();

  [[nodiscard]] std::size_t depth() const;

 private:
  struct Waiting {
    Job job;
    std::chrono::steady_clock::time_point since;
  };

  /// Where the two sides of run() meet. Everything but `abandoned` is touched on the caller's executor only.
  template <class R>
  struct Call {
    explicit Call(asio::any_io_executor const &executor) : timer(executor) {}
    asio::steady_timer timer;
    std::optional<R> result;
    std::atomic<bool> abandoned{false};
  };

  enum class Admission { taken, full, draining };

  Admission admit(Job job);
  void work(unsigned index);
  /// Waits for the timer; false if the wait was cut short.
  static asio::awaitable<bool> expire(asio::steady_timer &timer);
  static void log_throw(std::string const &pool, std::exception_ptr failure);

  Options const options_;
  metrics::RuntimeMetrics &metrics_;
  mutable std::mutex mutex_;  // A condition variable needs the naked mutex; it guards the two members below.
  std::deque<Waiting> queue_;
  bool draining_ = false;
  std::condition_variable wake_;
  std::vector<std::thread> threads_;
};

template <class F>
asio::awaitable<std::invoke_result_t<F &>> BlockingPool::run(F f, std::chrono::steady_clock::duration limit) {
  using R = std::invoke_result_t<F &>;
  // Asked before anything is queued: the wait below would throw at once and leave the call running for nobody.
  auto const cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    co_return fail(Errc::cancelled, "the caller was cancelled");
  }
  auto call = std::make_shared<Call<R>>(co_await asio::this_coro::executor);
  call->timer.expires_after(limit);
  Job job = [this, call, function = std::move(f)]() mutable {
    if (call->abandoned.load(std::memory_order_relaxed)) return;
    std::optional<R> result;
    try {
      result.emplace(function());
    } catch (...) {
      log_throw(options_.name, std::current_exception());
      result.emplace(fail(Errc::unavailable, "a blocking call threw"));
    }
    asio::post(call->timer.get_executor(), [call, value = std::move(*result)]() mutable {
      call->result.emplace(std::move(value));
      call->timer.cancel();
    });
  };
  switch (admit(std::move(job))) {
    case Admission::full: co_return fail(Errc::overloaded, "the pool's queue is full");
    case Admission::draining: co_return fail(Errc::cancelled, "the pool is draining");
    case Admission::taken: break;
  }
  bool const expired = co_await expire(call->timer);
  if (call->result) co_return std::move(*call->result);
  call->abandoned.store(true, std::memory_order_relaxed);
  if (!expired) co_return fail(Errc::cancelled, "the caller was cancelled");
  metrics_.pool_timeouts.add();
  co_return fail(Errc::timeout, "a blocking call missed its deadline");
}

}  // namespace tableforge::runtime
