#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tableforge/ws/close_code.hpp"
#include "tableforge/ws/mask.hpp"
#include "tableforge/ws/opcode.hpp"
#include "tableforge/ws/side.hpp"

namespace tableforge::ws {

/// What the decoder found next.
struct Step {
  enum class Kind : std::uint8_t {
    need_more,  ///< The input is used up, and may be reused by the caller.
    text,       ///< A whole message, valid UTF-8.
    binary,     ///< A whole message.
    ping,       ///< To be answered by a pong with the same payload.
    pong,
    close,  ///< The peer's last frame: `close_code` is its code or kCloseNoStatus, `payload` its reason.
    error,  ///< The peer broke the rules: send `close_code`, then end the connection.
  };

  Kind kind = Kind::need_more;
  std::string_view payload{};  ///< Valid until the next call of next(), and while the input is left alone.
  CloseCode close_code = 0;    ///< Of close and error only.
};

/// Reads the frames of one direction of one connection (RFC 6455), without touching a socket.
///
/// The caller reads bytes into any buffer and calls next() until it says need_more; each call takes what it needs from
/// the front. Masks are removed in place. A message that lies in the buffer whole is handed out where it lies; only a
/// message that is fragmented, or cut by the buffer's end, is gathered in memory of the decoder's own. No extension is
/// spoken. What is found does not depend on where the stream was cut.
///
/// Threads: any one at a time.
/// Owns:    nothing but its few bytes, except from the first piece of a gathered message or control frame until the
/// call
///          after the one that handed it out.
/// Bounds:  a message is at most `message_bytes_max`; a longer one is refused when its length is announced. Memory
///          follows the bytes that came, never the length that was announced.
/// Errors:  Step::Kind::error, and again on every later call. After a close everything is swallowed, as the RFC asks.
class Decoder {
 public:
  /// `message_bytes_max` counts up to 4 GiB, less a byte.
  Decoder(Side side, std::size_t message_bytes_max);
  ~Decoder();
  Decoder(Decoder &&) noexcept;
  Decoder &operator=(Decoder &&) noexcept;

  /// Takes the next frames from the front of `input`, up to the first that means something to the caller.
  Step next(std::span<char> &input);

 private:
  // Two bytes, a 64-bit length, a mask key.
  static constexpr std::size_t kHeaderBytesMax = 14;

  struct Frame {
    std::size_t missing = 0;  // Payload bytes that have not come yet.
    MaskKey key{};            // Turned to fit the next of them.
    Opcode opcode = Opcode::continuation;
    bool fin = false;
  };
  struct Gathered;
  enum class State : std::uint8_t { open, closed, failed };
  enum class Header : std::uint8_t { complete, cut, refused };

  Header read_header(std::span<char> &input, Frame &frame);
  bool gather_header(std::span<char> &input, std::size_t size);
  [[nodiscard]] bool start_allowed() const;
  [[nodiscard]] bool in_frame() const;
  [[nodiscard]] bool in_message() const;
  void begin_gathering(Frame const &frame);
  bool gather_payload(std::span<char> &input);
  Step take_whole(Frame const &frame, std::span<char> payload);
  Step finish_message();
  Step finish_control(Opcode opcode, std::string_view payload);
  Step finish_close(std::string_view payload);
  Step refuse(CloseCode code);

  std::unique_ptr<Gathered> gathered_;  // What outlives an input buffer; null on a quiet connection.
  std::uint32_t message_bytes_max_;
  std::array<char, kHeaderBytesMax> header_{};
  std::uint8_t header_size_ = 0;
  Side side_;
  State state_ = State::open;
  CloseCode failure_ = 0;
};

static_assert(sizeof(Decoder) <= 32, "every idle connection carries one");

}  // namespace tableforge::ws
