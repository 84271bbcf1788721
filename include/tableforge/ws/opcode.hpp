#pragma once

#include <cstddef>
#include <cstdint>

namespace tableforge::ws {

/// What a frame carries (RFC 6455, section 5.2). The values not named here are reserved and refused.
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

/// A control frame may stand between the fragments of a message, and is never fragmented itself.
constexpr bool is_control(Opcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8) != 0; }

/// The most a control frame may carry (RFC 6455, section 5.5).
inline constexpr std::size_t kControlBytesMax = 125;

}  // namespace tableforge::ws
