#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/redis/address.hpp"
#include "tableforge/redis/breaker.hpp"
#include "tableforge/runtime/scope.hpp"
#include "tableforge/runtime/shard.hpp"

#include "redis/connection.hpp"

namespace tableforge::redis {

/// Keeps one connection to Redis: makes it, watches it end, and makes the next one after a growing, jittered wait.
///
/// Threads: the shard's.
/// Owns:    the connection and the tasks around it. close() must have finished before it is destroyed.
/// Errors:  none; each change is told through the virtual functions, outside of hiredis's callbacks.
class Keeper {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    Address address{};
    std::size_t in_flight_max;
    Clock::duration connect_limit;  ///< For everything up to and including prepare().
    Breaker::Options breaker;
  };

  Keeper(runtime::Shard &shard, Options options);
  Keeper(Keeper const &) = delete;
  Keeper &operator=(Keeper const &) = delete;

  void keep();
  [[nodiscard]] asio::awaitable<void> close();

 protected:
  ~Keeper() = default;

  /// More to do on a connection that has answered a PING before it counts as made.
  virtual asio::awaitable<Result<void>> prepare(Connection &connection, Clock::time_point deadline);
  /// `again` if there was a connection before it.
  virtual void on_up(bool again) = 0;
  /// The connection that on_up() told of is no more. Also called by close().
  virtual void on_lost() = 0;
  /// Not connected, for whichever reason, and about to wait.
  virtual void on_down(std::string_view reason) = 0;
  virtual void on_breaker() {}

  [[nodiscard]] runtime::Shard &shard() const { return shard_; }
  [[nodiscard]] runtime::Scope &scope() { return scope_; }
  [[nodiscard]] Breaker &breaker() { return breaker_; }
  /// nullptr while there is none.
  [[nodiscard]] std::shared_ptr<Connection> const &connection() const { return connection_; }

 private:
  asio::awaitable<void> keep_connected();
  /// Connects, authenticates and sees an answer; only then is Redis up.
  asio::awaitable<Result<std::shared_ptr<Connection>>> connect();
  asio::awaitable<Result<std::vector<std::string>>> numeric_hosts(Clock::time_point deadline);
  asio::awaitable<Result<void>> greet(Connection &connection, Clock::time_point deadline);
  void lose();

  runtime::Shard &shard_;
  Options const options_;
  runtime::Scope scope_;
  Breaker breaker_;
  std::shared_ptr<Connection> connection_;
  log::Limited refusals_{std::chrono::minutes(1)};
};

}  // namespace tableforge::redis
