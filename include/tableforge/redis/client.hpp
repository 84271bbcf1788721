#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/redis/address.hpp"
#include "tableforge/redis/breaker.hpp"
#include "tableforge/redis/reply.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::redis {

namespace asio = boost::asio;

/// What /readyz says.
enum class Health : std::uint8_t { up, down, disabled };

/// One pipelined connection from one shard to Redis, which comes back by itself.
///
/// Commands of one turn leave in one write. While Redis is away every command is answered at once, and a probe with a
/// growing, jittered wait looks for it; so a caller's only duty is to have another way. Redis is always optional here.
///
/// Threads: the shard's; health() from any.
/// Owns:    the connection and the task that keeps it. close() must have finished before it is destroyed.
/// Bounds:  `in_flight_max` commands without an answer, also those whose callers have given up. Told ones have
///          `told_bytes_max` in all.
/// Errors:  unavailable (away, or lost under the command: it may have been carried out), timeout (the same),
///          overloaded, cancelled. An error that Redis answers is a Reply.
class Client {
 public:
  struct Options {
    std::optional<Address> address{};  ///< None: disabled, every command is unavailable.
    std::size_t in_flight_max = 4'096;
    std::size_t told_bytes_max = 4 * 1024 * 1024;
    /// For resolving, connecting, AUTH, SELECT and PING together.
    std::chrono::steady_clock::duration connect_limit = std::chrono::seconds(2);
    Breaker::Options breaker = {};
  };

  Client(runtime::Shard &shard, Options options, metrics::RedisMetrics &metrics);
  ~Client();
  Client(Client const &) = delete;
  Client &operator=(Client const &) = delete;

  /// Begins to connect. Does not wait for it.
  void start();
  /// Ends the connection; commands in flight are answered unavailable.
  [[nodiscard]] asio::awaitable<void> close();

  /// Sends one command. Not for SUBSCRIBE and its kind, nor MONITOR: they are Errc::invalid.
  [[nodiscard]] asio::awaitable<Result<Reply>> command(std::vector<std::string> words,
                                                       std::chrono::steady_clock::duration limit);

  /// Sends one command whose answer nobody waits for; what is told in a turn leaves at its end, in order. False if it
  /// is not sent, because Redis is away or slow. True promises nothing.
  [[nodiscard]] bool tell(std::initializer_list<std::string_view> words);
  /// Of told commands that have no answer yet.
  [[nodiscard]] std::size_t told_bytes() const;
  /// How many times the connection was made. Whatever was told before the last one may have been lost.
  [[nodiscard]] std::uint64_t connections() const;

  [[nodiscard]] Health health() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tableforge::redis
