#pragma once

#include <chrono>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace tableforge::load {

/// "Something has changed, look again": coroutines wait, a plain function notifies.
///
/// Threads: the executor's one thread.
/// Owns:    nothing; the waiting coroutines must end before it does.
class Signal {
 public:
  explicit Signal(boost::asio::any_io_executor executor);
  Signal(Signal const &) = delete;
  Signal &operator=(Signal const &) = delete;

  /// Wakes everybody who waits now.
  void notify();
  /// Until the next notify(), or the deadline; the caller looks which.
  [[nodiscard]] boost::asio::awaitable<void> wait(std::chrono::steady_clock::time_point deadline);

 private:
  boost::asio::any_io_executor executor_;
  std::vector<boost::asio::steady_timer *> waiting_;
};

}  // namespace tableforge::load
