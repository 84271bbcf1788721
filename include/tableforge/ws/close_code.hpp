#pragma once

#include <cstdint>

namespace tableforge::ws {

/// Why a connection ends (RFC 6455, section 7.4). An integer, not an enum, because 4000–4999 are the application's.
using CloseCode = std::uint16_t;

inline constexpr CloseCode kCloseNormal = 1000;
inline constexpr CloseCode kCloseGoingAway = 1001;
inline constexpr CloseCode kCloseProtocolError = 1002;
inline constexpr CloseCode kCloseUnsupported = 1003;  ///< A kind of message that we do not take, such as binary.
inline constexpr CloseCode kCloseNoStatus = 1005;     ///< Never on the wire: stands for a close frame without a code.
inline constexpr CloseCode kCloseInvalidPayload = 1007;
inline constexpr CloseCode kCloseTooBig = 1009;
inline constexpr CloseCode kCloseInternalError = 1011;

/// Whether the code may stand in a close frame. 1012–1014 were registered after the RFC and are in use; 1004, 1005,
/// 1006 and 1015 are reserved for telling the application what happened, and unassigned codes are refused.
constexpr bool valid_on_wire(CloseCode code) {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

}  // namespace tableforge::ws
