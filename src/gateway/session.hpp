#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/host/subscriber.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/encode.hpp"
#include "tableforge/runtime/flushable.hpp"
#include "tableforge/ws/decoder.hpp"

#include "gateway/connection_limit.hpp"
#include "gateway/sessions.hpp"
#include "gateway/token_bucket.hpp"

namespace tableforge::gateway {

/// One WebSocket at one table, from its upgrade to its end.
///
/// Reading: what has come is read into the shard's buffer and decoded at once; a quiet connection only waits to become
/// readable and owns no buffer. Writing: what the table put into the outbox leaves in one gathered write at the end of
/// the turn; what the socket does not take is kept and waits for it to become writable.
///
/// It ends in two steps. Closing: a close frame is queued behind what there is to say, the table is left, and the
/// peer has kCloseLimit to answer. Ended: the socket is cancelled, which makes run() return.
///
/// Threads: the table's shard only.
/// Owns:    the socket, the outbox, a share of the table. run() keeps it alive; a task that waits to write does too.
/// Bounds:  one turn reads up to kTurnBytesMax or, by whole reads, kTurnMessagesMax messages. What waits to be
///          written is one batch (kBatchFramesMax, kBatchBytesMax and the frame that exceeds it) beside the outbox.
///          Frames of any kind are held to a budget far above every other rate (frame_budget()).
/// Errors:  told to the client, as protocol errors and close codes.
class Session final : public host::Subscriber,
                      public runtime::Flushable,
                      public SessionNode,
                      public std::enable_shared_from_this<Session> {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t kTurnBytesMax = 64 * 1024;
  static constexpr std::size_t kTurnMessagesMax = 32;
  static constexpr std::size_t kBatchFramesMax = 64;  // As many as Asio hands to one writev.
  static constexpr std::size_t kBatchBytesMax = 256 * 1024;
  static constexpr std::chrono::seconds kCloseLimit{2};
  /// A malformed message costs this many frames of the budget: it takes an answer, and comes from no working client.
  static constexpr double kMalformedCost = 10;

  Session(std::shared_ptr<Sessions> here, asio::ip::tcp::socket socket, ConnectionSlot slot,
          std::shared_ptr<host::TableHost> table);
  ~Session() override;
  Session(Session const &) = delete;
  Session &operator=(Session const &) = delete;

  /// Serves the connection until it has ended. `early` are bytes that came before the upgrade was answered.
  [[nodiscard]] asio::awaitable<void> run(std::string early);

  /// Looks at the deadlines: hello, silence, the token's end, an unanswered close.
  void watch(Clock::time_point now, Time wall_now);

  host::Outbox &outbox() override { return outbox_; }
  void outbox_filled() override;
  void close(protocol::CloseReason reason, std::optional<std::chrono::milliseconds> retry_after) override;
  void flush() override;

 private:
  enum class Input : std::uint8_t { waiting, more };
  enum class Written : std::uint8_t { all, some, blocked, broken };
  enum class Phase : std::uint8_t { hello, joined, closing, ended };
  struct Finish;

  // Reading.
  Input read_turn();
  void take_in(std::span<char> input);
  void take_step(ws::Step const &step);
  void take_text(std::string_view text);
  void take_malformed(protocol::Malformed const &malformed);
  void take_hello(protocol::Hello const &hello);
  void take_message(protocol::Hello &&hello);
  void take_message(protocol::Presence &&presence);
  void take_message(protocol::Request &&request);
  void take_peer_close(ws::Step const &close);
  void spend(double frames);

  // Writing.
  void queue(std::string frame);
  void fill_batch();
  Written write_batch();
  void consume(std::size_t bytes);
  void written_all();
  void wait_to_write();
  static asio::awaitable<void> wait_writable(std::shared_ptr<Session> self);

  // Ending.
  void tell(ActionId const &id, protocol::ErrorCode code, std::string_view message,
            protocol::ErrorDetails const &details = {});
  void violate(std::string_view message);
  void begin_close(ws::CloseCode code, std::string_view text, metrics::CloseReason why, std::string goodbye = {});
  void end(metrics::CloseReason why);
  void leave_table();
  static asio::awaitable<void> leave_later(std::shared_ptr<Session> self);
  void finish();

  [[nodiscard]] bool over() const { return phase_ == Phase::closing || phase_ == Phase::ended; }
  [[nodiscard]] Knobs const &knobs() const { return here_->parts().knobs; }
  [[nodiscard]] metrics::GatewayMetrics &metrics() const { return here_->parts().metrics; }
  [[nodiscard]] Rate frame_budget() const;

  std::shared_ptr<Sessions> here_;
  asio::ip::tcp::socket socket_;
  ConnectionSlot slot_;
  std::shared_ptr<host::TableHost> table_;  // Null once it was left.
  ws::Decoder decoder_;
  host::Outbox outbox_;

  std::vector<host::Frame> unsent_;
  std::size_t offset_ = 0;  // Bytes of the first of them that have left.
  host::Frame control_;     // A ping or pong, to be sent between two frames. The newest is enough (RFC 6455, 5.5.3).

  TokenBucket frames_;
  TokenBucket actions_;
  TokenBucket presences_;

  Clock::time_point opened_at_;
  Clock::time_point heard_at_;
  Clock::time_point close_by_;
  Time expires_at_;
  std::size_t turn_messages_ = 0;
  metrics::CloseReason why_ = metrics::CloseReason::lost;
  Phase phase_ = Phase::hello;
  bool blocked_ = false;      // A task waits until the socket takes more.
  bool pinged_ = false;       // Since anything was heard.
  bool deaf_ = false;         // The peer's frames cannot be told apart any more.
  bool peer_closed_ = false;  // Its last frame has come.
  bool shut_ = false;         // We have said that nothing more comes.
};

}  // namespace tableforge::gateway
