#include "gateway/handshake.hpp"

#include <algorithm>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "tableforge/ws/handshake.hpp"

namespace tableforge::gateway {

namespace {

namespace beast = boost::beast;

beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// Whether a comma-separated list of tokens has this one, in any case of letters.
bool has_token(std::string_view list, std::string_view token) {
  return beast::http::token_list(view(list)).exists(view(token));
}

/// The same for names that are told apart by the case of their letters, as subprotocols are.
bool has_exact_token(std::string_view list, std::string_view token) {
  for (auto const each : beast::http::token_list(view(list))) {
    if (each == view(token)) return true;
  }
  return false;
}

std::unexpected<HttpResponse> refuse(unsigned status, std::string_view message, std::string field = {},
                                     std::string value = {}) {
  auto response = error_response(protocol::ErrorCode::bad_request, message);
  response.status = status;
  if (!field.empty()) response.headers.emplace_back(std::move(field), std::move(value));
  return std::unexpected(std::move(response));
}

}  // namespace

std::expected<SwitchingProtocols, HttpResponse> judge_handshake(HandshakeRequest const &request,
                                                                std::span<std::string const> allowed_origins) {
  if (request.method != "GET") return refuse(405, "a table's socket is opened by GET", "Allow", "GET");
  if (!has_token(request.upgrade, "websocket") || !has_token(request.connection, "upgrade")) {
    auto refusal = refuse(426, "this is a WebSocket: ask for an upgrade", "Upgrade", "websocket");
    refusal.error().headers.emplace_back("Connection", "Upgrade");
    return refusal;
  }
  if (request.version != "13") {
    return refuse(426, "only version 13 of the WebSocket protocol is spoken", "Sec-WebSocket-Version", "13");
  }
  if (!request.http_1_1) return refuse(400, "an upgrade needs HTTP/1.1");
  if (request.has_body) return refuse(400, "an upgrade has no body");
  if (!ws::valid_key(request.key)) return refuse(400, "Sec-WebSocket-Key is not the base64 form of 16 bytes");
  if (request.offers_protocols && !has_exact_token(request.protocols, kSubprotocol)) {
    return refuse(400, "none of the offered subprotocols is spoken; offer tableforge.v1+json");
  }

  bool const judged_by_origin = !allowed_origins.empty() && !request.origin.empty();
  if (judged_by_origin && std::ranges::find(allowed_origins, request.origin) == allowed_origins.end()) {
    return std::unexpected(error_response(protocol::ErrorCode::forbidden,
                                          "pages of this origin may not play here: see --allowed-origins"));
  }

  SwitchingProtocols answer =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  answer.append(ws::accept_key(request.key)).append("\r\n");
  if (request.offers_protocols) answer.append("Sec-WebSocket-Protocol: ").append(kSubprotocol).append("\r\n");
  return answer.append("\r\n");
}

}  // namespace tableforge::gateway
