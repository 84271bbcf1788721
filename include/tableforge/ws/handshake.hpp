#pragma once

#include <string>
#include <string_view>

namespace tableforge::ws {

/// The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455, section 4.2.2). A client compares it with
/// what the server sent. The key is hashed as it stands; the server asks valid_key() first.
std::string accept_key(std::string_view sec_websocket_key);

/// Whether the text is the base64 form of 16 bytes, as a Sec-WebSocket-Key must be.
bool valid_key(std::string_view sec_websocket_key);

/// A fresh random Sec-WebSocket-Key for a client.
std::string make_key();

}  // namespace tableforge::ws
