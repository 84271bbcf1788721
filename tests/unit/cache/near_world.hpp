#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/cache/near.hpp"

#include "unit/cache/class_fixture.hpp"

namespace tableforge::cache {

using Got = Result<std::shared_ptr<std::string const>>;

/// An origin that answers what the test says, when the test says.
struct Origin {
  std::shared_ptr<std::string const> value = text("first");
  Version version = 1;
  std::optional<Error> failure{};
  bool closed = false;  ///< Loads have begun, read, and wait.
  int loads = 0;

  static asio::awaitable<Result<Loaded<std::string>>> load(Origin &origin) {
    ++origin.loads;
    Loaded<std::string> const read{origin.value, origin.version};
    auto const failure = origin.failure;
    while (origin.closed) co_await asio::post(asio::use_awaitable);
    if (failure) co_return std::unexpected(*failure);
    co_return read;
  }
  auto loader() {
    return [this] { return load(*this); };
  }
};

/// A clock that stands until the test moves it.
struct ManualClock {
  Clock::time_point now = Clock::time_point(std::chrono::hours(1'000));
  Time wall_now = Time(std::chrono::hours(400'000));

  void advance(std::chrono::milliseconds by) {
    now += by;
    wall_now += by;
  }
  void apply_to(NearOptions &options) {
    options.now = [this] { return now; };
    options.wall_now = [this] { return wall_now; };
  }
};

/// One get() in progress, on whatever shard its Near is of.
struct Reading {
  std::optional<Got> got{};
  std::exception_ptr thrown{};

  [[nodiscard]] bool ended() const { return got || thrown; }
  [[nodiscard]] std::string text() const { return got && *got && **got ? ***got : "nothing"; }
};

inline std::shared_ptr<Reading> begin_get(runtime::Shard &shard, Near &near, Class<std::string> const &cls,
                                          std::string key, Origin &origin) {
  auto reading = std::make_shared<Reading>();
  asio::co_spawn(shard.executor(), near.get(cls, std::move(key), origin.loader()),
                 [its = reading](std::exception_ptr thrown, std::optional<Got> got) {
                   its->thrown = std::move(thrown);
                   its->got = std::move(got);
                 });
  return reading;
}

}  // namespace tableforge::cache
