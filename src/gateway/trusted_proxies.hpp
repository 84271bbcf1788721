#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "tableforge/base/result.hpp"

namespace tableforge::gateway {

/// The addresses whose word about whom they speak for is taken, and who that is.
///
/// Threads: any; immutable.
/// Bounds:  a look is as long as the list of blocks, and as the header that is read.
/// Errors:  of parse(): invalid for a block that is none.
class TrustedProxies {
 public:
  using Address = boost::asio::ip::address;

  TrustedProxies() = default;
  /// Each an address or a block of them: 10.0.0.0/8, fd00::/8, 192.0.2.7.
  static Result<TrustedProxies> parse(std::span<std::string const> blocks);

  [[nodiscard]] bool trusts(Address const &address) const;

  /// Whose request it is: of `forwarded_for`, a list to which every proxy appends whom it heard, the right-most address
  /// that is not trusted. What stands left of that one anybody can write.
  ///
  /// An entry that cannot be read ends the search at the proxy that wrote it.
  [[nodiscard]] Address client_of(Address const &peer, std::string_view forwarded_for) const;

 private:
  /// IPv4 in the form of ::ffff:0:0/96, so that one comparison serves both.
  using Bytes = std::array<std::uint8_t, 16>;
  struct Block {
    Bytes bytes;
    unsigned bits;
  };

  static Bytes bytes_of(Address const &address);
  static std::optional<Block> block_of(std::string_view text);

  std::vector<Block> blocks_;
};

/// IPv4 addresses that came to a socket of IPv6 are IPv4 addresses.
[[nodiscard]] boost::asio::ip::address unmapped(boost::asio::ip::address const &address);

}  // namespace tableforge::gateway
