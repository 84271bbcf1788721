#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tableforge/ws/close_code.hpp"
#include "tableforge/ws/mask.hpp"
#include "tableforge/ws/opcode.hpp"

// Writing frames. Everything is appended to a buffer of the caller's, so many frames leave in one write. Every frame is
// a whole message: fragmenting buys nothing when the payload is in memory already.
//
// Bounds: the payload of a control frame is at most kControlBytesMax; more is a mistake of ours and aborts.

namespace tableforge::ws {

/// How long the header of an unmasked frame is.
constexpr std::size_t header_bytes(std::size_t payload_bytes) {
  if (payload_bytes <= 125) return 2;
  return payload_bytes <= 0xffff ? 4 : 10;
}

/// From a server: the header alone, for a payload that the caller appends or gathers from elsewhere.
void append_header(std::string &out, Opcode opcode, std::size_t payload_bytes);
/// From a server: a whole frame.
void append_frame(std::string &out, Opcode opcode, std::string_view payload);
/// From a client: a whole frame. RFC 6455 wants a key that others cannot foresee, and another one for each frame.
void append_masked_frame(std::string &out, Opcode opcode, std::string_view payload, MaskKey key);

/// From a server: a close frame. A reason that does not fit is clipped between two characters. kCloseNoStatus writes an
/// empty frame, so that the code of a received close can be echoed whatever it is.
void append_close(std::string &out, CloseCode code, std::string_view reason);
/// From a client: the same, masked.
void append_masked_close(std::string &out, CloseCode code, std::string_view reason, MaskKey key);

}  // namespace tableforge::ws
