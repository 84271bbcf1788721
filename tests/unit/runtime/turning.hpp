#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tableforge/runtime/shard.hpp"

namespace tableforge::runtime {

/// A shard that the test itself turns.
class Turning : public testing::Test {
 protected:
  Turning() { shard.adopt_this_thread(); }

  /// Turns until nothing is ready.
  void settle() {
    while (shard.turn() > 0) {
    }
  }

  /// Runs a task to its end, waiting for timers and other threads where it does.
  template <class T>
  T wait_for(asio::awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr failure;
    asio::co_spawn(shard.executor(), std::move(task), [&](std::exception_ptr error, T result) {
      failure = error;
      value = std::move(result);
    });
    while (!value) shard.context().run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }

  metrics::RuntimeMetrics metrics;
  Shard shard{0, metrics};
};

}  // namespace tableforge::runtime
