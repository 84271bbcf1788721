#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tableforge/log/log.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/shard.hpp"

#include "support/private_servers.hpp"

namespace tableforge::test {

namespace asio = boost::asio;

/// A shard that the test turns, a Redis that the test may kill, and the lines that were logged.
class RedisWorld : public testing::Test {
 public:
  RedisWorld() {
    shard.adopt_this_thread();
    log::init({.sink = [this](std::string_view line) { lines.emplace_back(line); }});
  }
  ~RedisWorld() override { log::init({}); }

  static PrivateServers &servers() { return PrivateServers::shared(); }

  template <class T>
  T wait_for(asio::awaitable<T> task) {
    std::optional<T> value;
    asio::co_spawn(shard.executor(), std::move(task), [&](std::exception_ptr failure, T result) {
      if (failure) std::rethrow_exception(failure);
      value = std::move(result);
    });
    until([&] { return value.has_value(); });
    return std::move(value).value();
  }
  void wait_for(asio::awaitable<void> task) {
    static_cast<void>(wait_for([](asio::awaitable<void> inner) -> asio::awaitable<bool> {
      co_await std::move(inner);
      co_return true;
    }(std::move(task))));
  }

  /// Turns the shard until something holds, at most ten seconds: no test passes by waiting that long.
  void until(std::function<bool()> const &holds) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      if (shard.turn() == 0) shard.context().run_one_for(std::chrono::milliseconds(10));
    }
  }

  std::size_t lines_with(std::string_view text) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [&](auto const &line) { return line.find(text) != std::string::npos; }));
  }

  std::vector<std::string> lines;
  metrics::RuntimeMetrics runtime;
  metrics::RedisMetrics redis;
  runtime::Shard shard{0, runtime};
};

}  // namespace tableforge::test
