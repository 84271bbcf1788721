#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace tableforge::gateway {

/// What a balancer writes in front of a connection that it passes on (PROXY protocol, versions 1 and 2).
struct ProxyHeader {
  std::size_t bytes = 0;                           ///< Of the header; what the client sent follows.
  std::optional<boost::asio::ip::address> source;  ///< None when the balancer speaks for itself, as in health checks.
};

enum class ProxyFault : std::uint8_t { incomplete, malformed };

/// A header with more in it is refused. Version 2 may carry what TLS told the balancer, some hundreds of bytes.
inline constexpr std::size_t kProxyHeaderBytesMax = 2'048;

/// Reads the header at the beginning of what was received so far. Pure.
///
/// Strict: whoever wrote this header wrote it by machine, and bytes that only resemble one may hide a second one.
/// Addresses of other families than IP over TCP are refused.
///
/// Errors: incomplete while what is there may become a header; malformed from the first byte on that cannot be of one.
std::expected<ProxyHeader, ProxyFault> read_proxy_header(std::string_view received);

}  // namespace tableforge::gateway
