#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "tableforge/host/ports/relay.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/redis/client.hpp"
#include "tableforge/redis/subscriber.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::relay {

namespace asio = boost::asio;

/// The relay over Redis: a channel for each open table, `namespace:relay:{table}`, on which instances greet each other
/// and say what they committed and saw.
///
/// A table that is open here alone costs a subscription and a greeting a minute. Who greets and hears no answer stays
/// silent; who knows of another tells it rows, presence and arrivals, and assures it every `relay_greeting_ms` that it
/// is still there. After Redis was away everything is subscribed anew, everybody greets, and the tables are told that
/// they may have missed something.
///
/// Threads: the shard's.
/// Owns:    a subscriber. Lines belong to the tables and are gone before it; close() has finished by then too.
/// Bounds:  telling never waits: what the client does not take is dropped and counted. What is heard before a table is
///          loaded is kept up to kEarlyRowsMax rows and kEarlyBytesMax bytes.
/// Errors:  none. Bytes that are no message are counted and dropped.
class RedisRelay final : public host::Relay {
 public:
  static constexpr std::size_t kEarlyRowsMax = 128;
  static constexpr std::size_t kEarlyBytesMax = 1024 * 1024;

  struct Options {
    std::string name_space = "tableforge";
    std::optional<redis::Address> address{};  ///< None: nothing is ever told or heard.
    std::chrono::steady_clock::duration heartbeat = std::chrono::seconds(1);
    redis::Breaker::Options backoff = {};
  };

  RedisRelay(runtime::Shard &shard, redis::Client &client, Options options, Knobs const &knobs,
             metrics::RelayMetrics &metrics, metrics::RedisMetrics &redis_metrics);
  ~RedisRelay();
  RedisRelay(RedisRelay const &) = delete;
  RedisRelay &operator=(RedisRelay const &) = delete;

  void start();
  [[nodiscard]] asio::awaitable<void> close();

  [[nodiscard]] std::shared_ptr<host::RelayLine> follow(TableId table) override;

  [[nodiscard]] bool listening() const;

 private:
  class Line;
  class Wire;

  std::unique_ptr<Wire> wire_;
};

}  // namespace tableforge::relay
