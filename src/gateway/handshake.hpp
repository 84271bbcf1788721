#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "tableforge/gateway/http.hpp"

namespace tableforge::gateway {

inline constexpr std::string_view kSubprotocol = "tableforge.v1+json";

/// What of a request's header a WebSocket handshake is made of. A field that came several times is joined by commas,
/// as RFC 9110 has it.
struct HandshakeRequest {
  std::string_view method;
  bool http_1_1 = true;
  bool has_body = false;
  std::string_view upgrade;
  std::string_view connection;
  std::string_view version;    ///< Sec-WebSocket-Version
  std::string_view key;        ///< Sec-WebSocket-Key
  std::string_view protocols;  ///< Sec-WebSocket-Protocol
  bool offers_protocols = false;
  std::string_view origin{};  ///< Of the page, where a browser opens the socket; empty: no browser does.
};

/// The whole answer that opens the socket: status line, fields, empty line.
using SwitchingProtocols = std::string;

/// Judges the opening handshake (RFC 6455, section 4.2). Pure.
///
/// A client that offers subprotocols must offer ours, which is echoed. One that offers none is served without an echo,
/// so that plain tools can talk to a table; a browser would refuse the connection if we echoed what it did not offer.
///
/// A browser sends cookies and reaches private networks for any page, so pages of other origins than `allowed_origins`
/// are refused where there are any (RFC 6455, section 10.2). Who sends no origin is no browser, and could send any.
///
/// Errors: the response that refuses: 405, 403 for an origin, 426 for a request that is no upgrade or of another
///         version, else 400.
std::expected<SwitchingProtocols, HttpResponse> judge_handshake(HandshakeRequest const &request,
                                                                std::span<std::string const> allowed_origins = {});

}  // namespace tableforge::gateway
