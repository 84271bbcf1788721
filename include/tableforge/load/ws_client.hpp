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

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/load/endpoint.hpp"
#include "tableforge/ws/decoder.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

/// One WebSocket connection, from its upgrade to its end; to connect again is to make another.
///
/// Pings are answered and closes echoed by receive(), so somebody must always be receiving. It can also misbehave as
/// networks do, which is what a player of recorded games needs: cut() ends the connection without a goodbye,
/// send_torn() in the middle of a frame.
///
/// Threads: the executor's, which is one thread or a strand.
/// Owns:    the socket; a write in flight keeps the client alive.
/// Bounds:  a message of the peer's is at most `message_bytes_max`. What is sent and cannot leave yet is kept without a
///          bound: see unsent_bytes().
/// Errors:  of connect(): not_found, invalid, unauthorized or unavailable as the upgrade was answered; otherwise
///          unavailable for an end of the connection, timeout, and invalid for a peer that breaks RFC 6455.
class WsClient : public std::enable_shared_from_this<WsClient> {
 public:
  enum class Cut : std::uint8_t {
    fin,    ///< As a process that ends: what was sent arrives.
    reset,  ///< As a cable that is pulled: what was sent may not.
  };

  /// A text message, or the peer's close.
  struct Received {
    std::string_view text{};  ///< Valid until the next call of receive().
    std::optional<ws::CloseCode> close{};
  };

  static std::shared_ptr<WsClient> create(asio::any_io_executor executor, std::size_t message_bytes_max);
  WsClient(WsClient const &) = delete;
  WsClient &operator=(WsClient const &) = delete;

  [[nodiscard]] asio::awaitable<Result<void>> connect(Endpoint endpoint, std::string target, std::string subprotocol,
                                                      std::chrono::steady_clock::duration limit);
  /// The next message; at most one caller at a time.
  [[nodiscard]] asio::awaitable<Result<Received>> receive(std::chrono::steady_clock::duration limit);

  /// Sends a text message, after those sent before. Nothing happens on a connection that has ended.
  void send(std::string_view text);
  /// Sends the first half of a message, and cuts.
  void send_torn(std::string_view text);
  /// Says goodbye; the peer's answer is received as a close.
  void close(ws::CloseCode code);
  void cut(Cut how);

  [[nodiscard]] std::size_t unsent_bytes() const { return outgoing_.size() + in_flight_.size(); }
  [[nodiscard]] bool open() const { return socket_.is_open(); }

 private:
  WsClient(asio::any_io_executor executor, std::size_t message_bytes_max);

  asio::awaitable<Result<void>> upgrade(Endpoint endpoint, std::string target, std::string subprotocol);
  asio::awaitable<Result<void>> read_some(std::chrono::steady_clock::duration limit);
  void flush();
  void end();

  asio::any_io_executor executor_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer deadline_;
  ws::Decoder decoder_;
  std::vector<char> buffer_;
  std::span<char> input_;  // What of the buffer has not been decoded.
  std::string outgoing_;
  std::string in_flight_;  // Left alone while it is being written.
  bool writing_ = false;
  bool timed_out_ = false;
};

}  // namespace tableforge::load
