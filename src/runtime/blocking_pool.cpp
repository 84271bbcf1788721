#include "tableforge/runtime/blocking_pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <pthread.h>

#include "tableforge/base/check.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::runtime {

BlockingPool::BlockingPool(Options options, metrics::RuntimeMetrics &metrics)
    : options_(std::move(options)), metrics_(metrics) {
  TF_CHECK(options_.threads > 0);
  threads_.reserve(options_.threads);
  for (unsigned index = 0; index < options_.threads; ++index) {
    threads_.emplace_back([this, index] { work(index); });
  }
}

BlockingPool::~BlockingPool() { drain(); }

bool BlockingPool::try_post(Job job) { return admit(std::move(job)) == Admission::taken; }

BlockingPool::Admission BlockingPool::admit(Job job) {
  {
    std::lock_guard lock(mutex_);
    if (draining_) return Admission::draining;
    if (queue_.size() >= options_.queue_max) {
      metrics_.pool_rejected.add();
      return Admission::full;
    }
    queue_.push_back({std::move(job), std::chrono::steady_clock::now()});
    metrics_.pool_depth.add();
  }
  wake_.notify_one();
  return Admission::taken;
}

void BlockingPool::drain() {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
  }
  wake_.notify_all();
  for (std::thread &thread : threads_) {
    TF_CHECK(thread.get_id() != std::this_thread::get_id());
    if (thread.joinable()) thread.join();
  }
}

std::size_t BlockingPool::depth() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void BlockingPool::work(unsigned index) {
  // The kernel keeps 15 characters.
  std::string const name = "tf-" + options_.name.substr(0, 10) + std::to_string(index % 100);
  ::pthread_setname_np(::pthread_self(), name.c_str());
  while (true) {
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return draining_ || !queue_.empty(); });
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    metrics_.pool_depth.sub();
    metrics_.pool_wait.record(std::chrono::steady_clock::now() - next.since);
    try {
      next.job();
    } catch (...) {
      log_throw(options_.name, std::current_exception());
    }
  }
}

asio::awaitable<bool> BlockingPool::expire(asio::steady_timer &timer) {
  auto const [code] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !code;
}

void BlockingPool::log_throw(std::string const &pool, std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (std::exception const &error) {
    log::error("a blocking call threw", {{"pool", pool}, {"what", error.what()}});
  } catch (...) {
    log::error("a blocking call threw", {{"pool", pool}, {"what", "not a std::exception"}});
  }
}

}  // namespace tableforge::runtime
