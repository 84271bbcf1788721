#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
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

  /// A message on a channel that is subscribed to, told inside hiredis's callback: end() is all it may do here.
  using OnMessage = std::function<void(std::string_view channel, std::string_view payload)>;
  /// Makes a subscription of the connection, which takes no commands from then on, and waits for Redis to confirm it.
  /// Asking for the same again is how such a connection is seen to live: hiredis has no PING there.
  [[nodiscard]] asio::awaitable<Result<void>> subscribe(std::span<std::string const> channels, OnMessage on_message,
                                                        std::chrono::steady_clock::duration limit);

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

  [[nodiscard]] asio::awaitable<Result<void>> connect(redisAsyncContext *context,
                                                      std::chrono::steady_clock::duration limit);
  [[nodiscard]] Result<void> attach(redisAsyncContext *context);
  void want_read();
  void want_write();
  void await_read();
  void await_write();
  void forget();

  static void on_reply(redisAsyncContext *context, void *reply, void *ticket);
  void on_push(redisReply const &reply);

  runtime::Shard &shard_;
  std::size_t const in_flight_max_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer changed_;
  asio::steady_timer confirmed_;
  std::size_t unconfirmed_ = 0;  // Channels that Redis has not confirmed.
  OnMessage on_message_;
  redisAsyncContext *context_ = nullptr;
  std::size_t in_flight_ = 0;
  bool connected_ = false;
  bool reading_ = false;       // hiredis wants to read.
  bool read_awaited_ = false;  // Asio waits for it.
  bool write_awaited_ = false;
  bool flushing_ = false;
};

}  // namespace tableforge::redis
