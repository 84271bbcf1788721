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

#include <sys/uio.h>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/host/subscriber.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/encode.hpp"
#include "tableforge/runtime/flushable.hpp"
#include "tableforge/runtime/ready_set.hpp"
#include "tableforge/ws/decoder.hpp"

#include "gateway/connection_limit.hpp"
#include "gateway/sessions.hpp"
#include "gateway/token_bucket.hpp"
#include "gateway/upgrade.hpp"

namespace tableforge::gateway {

/// One WebSocket at one table, from its upgrade to its end.
///
/// Reading: when the shard's ready set says so, what has come is read into the shard's buffer and decoded at once; a
/// quiet connection owns no buffer, no task and no timer. Writing: at the end of a turn the table hands over what is
/// for this one and it leaves in one gathered write; what the socket does not take is kept until it can be written.
///
/// It ends in two steps. Closing: a close frame is queued behind what there is to say, the table is left, and the
/// peer has kCloseLimit to answer. Ended: the socket is closed, and the session is freed when the turn is over.
///
/// Threads: the table's shard only.
/// Owns:    the socket, the outbox, a share of the table. Sessions owns it.
/// Bounds:  one turn reads up to kReadsPerTurn buffers. What waits to be written is what one turn of the table said, or
///          one batch (kBatchFramesMax, kBatchBytesMax and the frame that exceeds it), beside the outbox. Frames of any
///          kind are held to a budget far above every other rate (frame_budget()).
/// Errors:  told to the client, as protocol errors and close codes.
class Session final : public host::Subscriber, public runtime::Flushable, public runtime::Ready, public SessionNode {
 public:
  using Clock = std::chrono::steady_clock;

  /// The rest is there in the next turn, when others have had theirs.
  static constexpr int kReadsPerTurn = 1;
  static constexpr std::size_t kBatchFramesMax = 64;
  static constexpr std::size_t kBatchBytesMax = 256 * 1024;
  static constexpr std::chrono::seconds kCloseLimit{2};
  /// A malformed message costs this many frames of the budget: it takes an answer, and comes from no working client.
  static constexpr double kMalformedCost = 10;

  Session(Sessions &here, Fd socket, ConnectionSlot slot, std::shared_ptr<host::TableHost> table);
  ~Session() override;
  Session(Session const &) = delete;
  Session &operator=(Session const &) = delete;

  /// Serves the connection from now on. `early` are bytes that came before the upgrade was answered.
  void begin(std::string early);

  /// Looks at the deadlines: hello, silence, the token's end, an unanswered close.
  void watch(Clock::time_point now, Time wall_now);

  void on_ready(bool readable, bool writable) override;
  [[nodiscard]] bool deliver(std::span<host::Frame const> pieces) override;
  host::Outbox &outbox() override { return outbox_; }
  void outbox_filled() override;
  void close(protocol::CloseReason reason, std::optional<std::chrono::milliseconds> retry_after) override;
  void flush() override;

  /// Ends the connection without a word.
  void end(metrics::CloseReason why);
  [[nodiscard]] bool ended() const { return phase_ == Phase::ended; }
  /// The table hears of nobody who is not there any more; only between the turns' work, never while it tells something.
  void leave_table();

 private:
  friend class Sessions;
  enum class Written : std::uint8_t { all, some, blocked, broken };
  enum class Phase : std::uint8_t { hello, joined, closing, ended };

  struct Unsent {
    std::vector<host::Frame> frames;
    std::size_t offset = 0;  ///< Bytes of the first of them that have left.
    std::string control;     ///< A ping or pong, to be sent between two frames. The newest is enough (RFC 6455, 5.5.3).
  };

  // Reading.
  void read();
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
  Unsent &unsent();
  void queue(std::string frame);
  void queue_control(ws::Opcode opcode, std::string_view payload);
  void fill_batch();
  Written write_batch();
  std::size_t send(std::span<iovec> parts, Written &outcome);
  void consume(std::size_t bytes);
  void written_all();
  void wait_to_write();

  // Ending.
  void tell(ActionId const &id, protocol::ErrorCode code, std::string_view message,
            protocol::ErrorDetails const &details = {});
  void violate(std::string_view message);
  void begin_close(ws::CloseCode code, std::string_view text, metrics::CloseReason why, std::string goodbye = {});

  [[nodiscard]] bool over() const { return phase_ == Phase::closing || phase_ == Phase::ended; }
  [[nodiscard]] Knobs const &knobs() const { return here_.parts().knobs; }
  [[nodiscard]] metrics::GatewayMetrics &metrics() const { return here_.parts().metrics; }
  [[nodiscard]] Rate frame_budget() const;

  Sessions &here_;
  ConnectionSlot slot_;
  std::shared_ptr<host::TableHost> table_;  // Null once it was left.
  ws::Decoder decoder_;
  host::Outbox outbox_;

  // What the socket has not taken yet; none of a quiet connection.
  std::unique_ptr<Unsent> unsent_;

  TokenBucket frames_;
  TokenBucket actions_;
  TokenBucket presences_;

  Clock::time_point entered_at_;  // The phase, if that is hello or closing.
  Clock::time_point heard_at_;
  Time expires_at_;
  Fd socket_;
  metrics::CloseReason why_ = metrics::CloseReason::lost;
  Phase phase_ = Phase::hello;
  bool watched_ = false;      // By the ready set.
  bool parting_ = false;      // Sessions has been asked to let it leave its table.
  bool blocked_ = false;      // The ready set tells when the socket takes more.
  bool pinged_ = false;       // Since anything was heard.
  bool deaf_ = false;         // The peer's frames cannot be told apart any more.
  bool peer_closed_ = false;  // Its last frame has come.
  bool shut_ = false;         // We have said that nothing more comes.
};

static_assert(sizeof(Session) <= 256, "of every connection at rest, and the allocator's next size is 320");

}  // namespace tableforge::gateway
