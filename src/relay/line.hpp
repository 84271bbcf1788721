#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tableforge/relay/redis_relay.hpp"

#include "relay/company.hpp"
#include "relay/message.hpp"

namespace tableforge::relay {

/// One table's line.
///
/// Threads: the shard's.
/// Owns:    who else is at the table; rows that came before the table was there to take them.
class RedisRelay::Line final : public host::RelayLine, public std::enable_shared_from_this<RedisRelay::Line> {
 public:
  using Clock = std::chrono::steady_clock;

  Line(Wire &wire, TableId table);
  ~Line() override;

  [[nodiscard]] asio::awaitable<void> connected(Clock::duration limit) override;
  void attend(std::weak_ptr<host::RelayListener> listener) override;

  [[nodiscard]] bool shared() const override { return !company_.empty(); }
  void committed(host::Row row) override;
  void showed(PlayerId player, protocol::Presence const &presence) override;
  void came(PlayerId player) override;
  void left(PlayerId player) override;
  [[nodiscard]] bool online_elsewhere(PlayerId player) const override { return company_.online(player); }

  // For the wire.
  [[nodiscard]] TableId table() const { return table_; }
  [[nodiscard]] std::string const &channel() const { return channel_; }
  /// Its channel is heard, for the first time or again.
  void joined(Clock::time_point now);
  void missed();
  void hear(Message message, Clock::time_point now);
  /// Greets if that is due, and forgets who has fallen silent.
  void look_round(Clock::time_point now);
  /// What was told may not have arrived.
  void greet_again() { greets_at_ = Clock::time_point::min(); }

 private:
  void greet(bool asks, Clock::time_point now);
  void take(Greeting greeting, Uuid const &sender, Clock::time_point now);
  void take(Committed committed);
  void keep_early(host::Row row);
  void pass_on(Company::Change const &change, bool was_shared);
  /// The same content told to others is worth nothing where there are none.
  void tell(Content content);

  Wire &wire_;
  TableId const table_;
  std::string const channel_;
  Company company_;
  std::weak_ptr<host::RelayListener> listener_;
  bool attended_ = false;
  bool missed_ = false;  // Before it was attended.
  std::vector<host::Row> early_;
  std::size_t early_bytes_ = 0;
  Clock::time_point greets_at_ = Clock::time_point::max();  // Not before its channel is heard.
  std::optional<Clock::time_point> asked_at_;
  std::vector<std::shared_ptr<asio::steady_timer>> waiting_;  // For its channel to be heard.
};

}  // namespace tableforge::relay
