#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/asio/awaitable.hpp>

#include "tableforge/log/limited.hpp"
#include "tableforge/relay/redis_relay.hpp"
#include "tableforge/runtime/scope.hpp"

#include "relay/line.hpp"
#include "relay/message.hpp"

namespace tableforge::relay {

/// What the lines of one shard share: the way to Redis and back, and the time that passes.
///
/// Threads: the shard's.
class RedisRelay::Wire {
 public:
  using Clock = std::chrono::steady_clock;

  Wire(runtime::Shard &shard, redis::Client &client, Options options, Knobs const &knobs,
       metrics::RelayMetrics &metrics, metrics::RedisMetrics &redis_metrics);

  void start();
  [[nodiscard]] asio::awaitable<void> close();

  [[nodiscard]] std::shared_ptr<host::RelayLine> follow(TableId table);
  void unfollow(Line const &line);

  /// Whether it went on its way.
  bool tell(Line const &line, Content content);

  [[nodiscard]] runtime::Shard &shard() { return shard_; }
  [[nodiscard]] metrics::RelayMetrics &metrics() { return metrics_; }
  [[nodiscard]] bool listening() const { return subscriber_.listening(); }
  [[nodiscard]] bool hears(Line const &line) const { return subscriber_.hears(line.channel()); }
  [[nodiscard]] std::string channel_of(TableId table) const { return prefix_ + table.value.text() + "}"; }
  /// Until the next greeting: where others are, and where none are known. Differs from time to time, so that tables
  /// that began together do not go on together.
  [[nodiscard]] Clock::duration greeting_distance(bool shared);
  /// Who was not heard for so long is gone.
  [[nodiscard]] Clock::duration patience() const { return knobs_.relay_greeting.get() * 5 / 2; }

 private:
  void hear(std::string_view channel, std::string_view bytes);
  [[nodiscard]] Line *line_of(std::string_view channel) const;
  void back();
  void added(std::string_view channel);
  asio::awaitable<void> keep_time();

  runtime::Shard &shard_;
  redis::Client &client_;
  Knobs const &knobs_;
  metrics::RelayMetrics &metrics_;
  bool const enabled_;
  std::string const prefix_;  // Of all tables' channels.
  Uuid const instance_ = Uuid::random();
  std::minstd_rand random_;
  std::unordered_map<TableId, Line *> lines_;
  std::uint64_t connections_ = 0;  // Of the client, by then.
  log::Limited undecodable_{std::chrono::minutes(1)};
  redis::Subscriber subscriber_;
  runtime::Scope scope_;
};

}  // namespace tableforge::relay
