#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tableforge::load {

/// Where a server listens. WebSocket and HTTP are the same port.
struct Endpoint {
  std::string host;
  std::uint16_t port = 80;

  bool operator==(Endpoint const &) const = default;
  /// As it stands in a Host header: an IPv6 address in brackets.
  [[nodiscard]] std::string text() const;
};

/// Reads ws://host[:port][/]. Nothing for anything else: TLS ends at a proxy, and paths are the protocol's own.
std::optional<Endpoint> parse_endpoint(std::string_view url);

}  // namespace tableforge::load
