#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <hiredis/async.h>

#include "tableforge/base/result.hpp"
#include "tableforge/redis/reply.hpp"
#include "tableforge/runtime/flushable.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::redis {

namespace asio = boost::asio;

/// hiredis on Asio: one connection, from its first SYN to its end. It is not made anew.
///
/// hiredis says when it wants to read or write; Asio waits for the descriptor. What the commands of one turn have put
/// into hiredis's buffer is written at the end of the turn.
///
/// Threads: the shard's.
/// Owns:    the hiredis context, which owns the descriptor. Destroying it answers what is in flight with unavailable.
/// Errors:  unavailable, timeout, overloaded, cancelled.
class Connection final : public runtime::Flushable, public std::enable_shared_from_this<Connection> {
 public:
  Connection(runtime::Shard &shard, std::size_t in_flight_max);
  ~Connection();

  /// `host` is a numeric address: hiredis would resolve a name with a call that blocks.
  [[nodiscard]] asio::awaitable<Result<void>> connect_tcp(std::string host, int port,
                                                          std::chrono::steady_clock::duration limit);
  [[nodiscard]] asio::awaitable<Result<void>> connect_unix(std::string path, std::chrono::steady_clock::duration limit);

  /// Waits until the connection has ended.
  [[nodiscard]] asio::awaitable<void> gone();
  void end();

  [[nodiscard]] asio::awaitable<Result<Reply>> command(std::span<std::string const> words,
                                                       std::chrono::steady_clock::duration limit);

  /// Sends a command whose answer nobody reads. False, and nothing is sent, if the connection does not stand or has as
  /// many commands without an answer as it may.
  [[nodiscard]] bool tell(std::initializer_list<std::string_view> words);
  /// Of told commands that Redis has not answered.
  [[nodiscard]] std::size_t told_bytes() const { return told_bytes_; }

  /// What Redis pushes on a connection that is subscribed to channels.
  enum class Push : std::uint8_t { message, subscribed, unsubscribed };
  /// Told inside hiredis's callback: of the connection, only end() and ask() may be called there.
  using OnPush = std::function<void(Push push, std::string_view channel, std::string_view payload)>;
  void on_push(OnPush told) { on_push_ = std::move(told); }
  /// Subscribes, which makes a connection that takes no commands from then on, and waits for Redis to confirm it all.
  /// Asking for the same again is how such a connection is seen to live: hiredis has no PING there.
  [[nodiscard]] asio::awaitable<Result<void>> subscribe(std::span<std::string const> channels,
                                                        std::chrono::steady_clock::duration limit);
  enum class Ask : std::uint8_t { subscribe, unsubscribe };
  /// The same without waiting, and its opposite; each channel's confirmation is a push. False if the connection ends.
  /// A channel that is being unsubscribed must not be subscribed again before that is confirmed: hiredis would forget
  /// the second subscription with the first. One channel stays subscribed for as long as there are others.
  [[nodiscard]] bool ask(Ask ask, std::span<std::string const> channels);

  void flush() override;

 private:
  /// A command without an answer. hiredis keeps it alive as well, for callers that no longer wait.
  struct Pending {
    explicit Pending(runtime::Shard &shard) : timer(shard.executor()) {}
    asio::steady_timer timer;
    std::optional<Result<Reply>> result;
  };
  struct Ticket {
    Connection *connection;
    std::shared_ptr<Pending> pending;
  };
  /// Channels that were asked for together. Redis confirms in the order of asking.
  struct Asked {
    Asked(runtime::Shard &shard, std::size_t channels) : left(channels), timer(shard.executor()) {}
    std::size_t left;  // Of them, not confirmed.
    asio::steady_timer timer;
  };

  [[nodiscard]] asio::awaitable<Result<void>> connect(redisAsyncContext *context,
                                                      std::chrono::steady_clock::duration limit);
  [[nodiscard]] Result<void> attach(redisAsyncContext *context);
  void want_read();
  void want_write();
  void await_read();
  void await_write();
  void forget();

  static void on_reply(redisAsyncContext *context, void *reply, void *ticket);
  static void on_told_reply(redisAsyncContext *context, void *reply, void *bytes);
  void read_push(redisReply const &reply);
  void confirm_one();

  runtime::Shard &shard_;
  std::size_t const in_flight_max_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer changed_;
  std::deque<std::shared_ptr<Asked>> asked_;
  OnPush on_push_;
  redisAsyncContext *context_ = nullptr;
  std::size_t in_flight_ = 0;  // Told commands count too.
  std::size_t told_bytes_ = 0;
  bool connected_ = false;
  bool reading_ = false;       // hiredis wants to read.
  bool read_awaited_ = false;  // Asio waits for it.
  bool write_awaited_ = false;
  bool flushing_ = false;
};

}  // namespace tableforge::redis
