#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tableforge/base/result.hpp"

namespace tableforge::redis {

/// Where a Redis is and who we are there.
struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string socket_path{};  ///< If not empty, a unix socket instead of host and port.
  std::string user{};         ///< Empty: the default user.
  std::string password{};     ///< Empty: no AUTH.
  unsigned database = 0;

  bool operator==(Address const &) const = default;
};

/// `redis://[[user]:password@]host[:port][/database]` or `unix://[[user]:password@]/path[?db=database]`; user and
/// password may be percent-encoded, an IPv6 host stands in brackets.
///
/// Errors: Errc::invalid, with a text that never repeats the URL, because of the password in it.
[[nodiscard]] Result<Address> parse_url(std::string_view url);

}  // namespace tableforge::redis
