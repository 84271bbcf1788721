#include "load/signal.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tableforge::load {

namespace asio = boost::asio;

Signal::Signal(asio::any_io_executor executor) : executor_(std::move(executor)) {}

void Signal::notify() {
  for (auto *timer : waiting_) timer->cancel();
}

asio::awaitable<void> Signal::wait(std::chrono::steady_clock::time_point deadline) {
  asio::steady_timer timer(executor_, deadline);
  waiting_.push_back(&timer);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  std::erase(waiting_, &timer);
}

}  // namespace tableforge::load
