#include "tableforge/runtime/timer.hpp"

namespace tableforge::runtime {

asio::awaitable<void> sleep_for(std::chrono::steady_clock::duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace tableforge::runtime
