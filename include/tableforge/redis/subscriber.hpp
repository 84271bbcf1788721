#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/redis/address.hpp"
#include "tableforge/redis/breaker.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::redis {

namespace asio = boost::asio;

/// One shard's ear on channels of Redis, on a connection of its own that comes back by itself.
///
/// A few channels are there from its beginning to its end, any number of others come and go. Messages are lost while it
/// is away, and Redis keeps none: the owner is told of both ends of such a gap. A gap also begins when Redis no longer
/// answers, which is asked for once per `heartbeat`.
///
/// Threads: the shard's.
/// Owns:    the connection and its tasks. close() must have finished before it is destroyed.
/// Bounds:  holds nothing back: a message is told as it is parsed, from at most 16 KiB read at a time. What the owner
///          does not take in time waits in the socket, and Redis cuts off who falls too far behind
///          (client-output-buffer-limit), which is a loss like any other.
/// Errors:  none.
class Subscriber {
 public:
  struct Options {
    std::optional<Address> address{};     ///< None: disabled; nothing is ever told.
    std::vector<std::string> channels{};  ///< At least one, for good: it also is what the heartbeat asks for.
    /// For resolving, connecting, AUTH and SUBSCRIBE together.
    std::chrono::steady_clock::duration connect_limit = std::chrono::seconds(2);
    /// How often Redis is asked for a sign of life, and how long it has for it. Together they bound how long a
    /// connection that is broken without a word goes unnoticed.
    std::chrono::steady_clock::duration heartbeat = std::chrono::seconds(1);
    std::chrono::steady_clock::duration heartbeat_limit = std::chrono::seconds(1);
    Breaker::Options backoff = {};
  };

  /// All are called on the shard. None may destroy the subscriber, and on_message and on_added await nothing.
  struct Owner {
    std::function<void(std::string_view channel, std::string_view payload)> on_message{};
    /// The subscription was in force and is no more.
    std::function<void()> on_lost{};
    /// The subscription is in force, for the first time or again, and with it all that was added. What was published
    /// before may have been missed.
    std::function<void()> on_back{};
    /// A channel that was added while the subscription was in force is heard from now on.
    std::function<void(std::string_view channel)> on_added{};
  };

  Subscriber(runtime::Shard &shard, Options options, Owner owner, metrics::RedisMetrics &metrics);
  ~Subscriber();
  Subscriber(Subscriber const &) = delete;
  Subscriber &operator=(Subscriber const &) = delete;

  /// Begins to connect. Does not wait for it.
  void start();
  /// Ends the connection, without telling the owner of a loss.
  [[nodiscard]] asio::awaitable<void> close();

  /// Whether messages are being heard now.
  [[nodiscard]] bool listening() const;

  /// One more channel, from its confirmation on and over every reconnection; nothing if it is there already.
  void add(std::string const &channel);
  /// No more of a channel that was added. What is on its way is told all the same.
  void remove(std::string const &channel);
  /// Whether a channel that was added is being heard now.
  [[nodiscard]] bool hears(std::string const &channel) const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace tableforge::redis
