#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/log/log.hpp"

#include "unit/cache/near_world.hpp"

namespace tableforge::cache {

/// Two shards without Redis, both turned by the test.
class NearAlone : public testing::Test {
 public:
  NearAlone() {
    for (auto &shard : shards) shard.adopt_this_thread();
    log::init({.sink = [this](std::string_view line) { lines.emplace_back(line); }});
    clock.apply_to(options);
    options.load_limit = std::chrono::seconds(20);
    EXPECT_TRUE(texts.knobs.cache_lobby_page.ttl.set(std::chrono::milliseconds(1'000)));
    EXPECT_TRUE(texts.knobs.cache_lobby_page.stale_while_revalidate.set(std::chrono::milliseconds(500)));
    EXPECT_TRUE(texts.knobs.cache_lobby_page.negative_ttl.set(std::chrono::milliseconds(200)));
    EXPECT_TRUE(texts.knobs.cache_lobby_page.early_refresh_beta.set(0));
  }
  ~NearAlone() override {
    origin.closed = false;
    close(0);
    close(1);
    log::init({});
  }

  Near &near(std::size_t index = 0) {
    if (!nears) {
      std::array<Nears::Seat, 2> const seats{{{shards[0], clients[0]}, {shards[1], clients[1]}}};
      nears.emplace(seats, options, metrics, redis);
      (*nears)[0].start();
      (*nears)[1].start();
    }
    return (*nears)[index];
  }

  void turn(int times = 20) {
    while (times-- > 0) {
      for (auto &shard : shards) shard.turn();
    }
  }
  std::shared_ptr<Reading> begin(std::size_t index = 0, std::string key = "k") {
    auto reading = begin_get(shards[index], near(index), texts.changing, std::move(key), origin);
    turn();
    return reading;
  }
  std::string get(std::size_t index = 0, std::string key = "k") {
    auto const reading = begin(index, std::move(key));
    EXPECT_TRUE(reading->ended());
    return reading->text();
  }
  void invalidate(Version version, std::size_t index = 0, std::string key = "k") {
    bool done = false;
    asio::co_spawn(shards[index].executor(), near(index).invalidate(texts.changing, std::move(key), version),
                   [&](std::exception_ptr) { done = true; });
    turn();
    EXPECT_TRUE(done);
  }
  void close(std::size_t index) {
    bool done = false;
    asio::co_spawn(shards[index].executor(), near(index).close(), [&](std::exception_ptr) { done = true; });
    for (int i = 0; !done && i < 1'000; ++i) turn(1);
    ASSERT_TRUE(done);
  }

  void put(std::string value, Version version, std::size_t index = 0) {
    bool done = false;
    asio::co_spawn(shards[index].executor(), near(index).put(texts.changing, "k", text(std::move(value)), version),
                   [&](std::exception_ptr) { done = true; });
    turn();
    EXPECT_TRUE(done);
  }
  std::size_t lines_with(std::string_view part) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines, [&](auto const &line) { return line.find(part) != std::string::npos; }));
  }

  std::vector<std::string> lines;
  Texts texts;
  Origin origin;
  ManualClock clock;
  NearOptions options;
  metrics::RuntimeMetrics runtime;
  metrics::RedisMetrics redis;
  metrics::CacheMetrics metrics;
  std::array<runtime::Shard, 2> shards{runtime::Shard(0, runtime), runtime::Shard(1, runtime)};
  std::array<redis::Client, 2> clients{redis::Client(shards[0], {}, redis), redis::Client(shards[1], {}, redis)};
  std::optional<Nears> nears;
};

}  // namespace tableforge::cache
