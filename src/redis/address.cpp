#include "tableforge/redis/address.hpp"

#include <charconv>
#include <optional>

namespace tableforge::redis {

namespace {

/// Redis has 16 databases by default and can be told to have more; this only keeps typing errors out.
constexpr unsigned kDatabaseMax = 65'535;

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    unsigned char byte = 0;
    char const *const digits = text.data() + i + 1;
    if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

template <class N>
bool parse_number(std::string_view text, N &out, N max) {
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc{} && end == text.data() + text.size() && out <= max;
}

/// Reads `[user]:password@` or `password@` off the front.
Result<void> take_credentials(std::string_view &rest, Address &address) {
  auto const at = rest.rfind('@');
  if (at == std::string_view::npos) return {};
  std::string_view const credentials = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  auto const colon = credentials.find(':');
  // Without a colon it is the password, as redis-cli reads it.
  auto const user = percent_decoded(colon == std::string_view::npos ? "" : credentials.substr(0, colon));
  auto const password = percent_decoded(colon == std::string_view::npos ? credentials : credentials.substr(colon + 1));
  if (!user || !password) return fail(Errc::invalid, "the Redis URL has a broken percent-encoding");
  if (password->empty()) return fail(Errc::invalid, "the Redis URL names a user without a password");
  address.user = *user;
  address.password = *password;
  return {};
}

Result<Address> parse_tcp(std::string_view rest) {
  Address address;
  auto const at = rest.rfind('@');
  auto const slash = rest.find('/', at == std::string_view::npos ? 0 : at);
  if (slash != std::string_view::npos) {
    std::string_view const database = rest.substr(slash + 1);
    if (!database.empty() && !parse_number(database, address.database, kDatabaseMax)) {
      return fail(Errc::invalid, "the Redis URL's database is no number");
    }
    rest = rest.substr(0, slash);
  }
  if (auto const taken = take_credentials(rest, address); !taken) return std::unexpected(taken.error());
  std::string_view port;
  if (rest.starts_with('[')) {
    auto const bracket = rest.find(']');
    if (bracket == std::string_view::npos) return fail(Errc::invalid, "the Redis URL's IPv6 host is not closed");
    address.host = rest.substr(1, bracket - 1);
    rest.remove_prefix(bracket + 1);
    if (!rest.empty() && rest[0] != ':') return fail(Errc::invalid, "the Redis URL has something after its host");
    if (!rest.empty()) port = rest.substr(1);
  } else {
    auto const colon = rest.find(':');
    address.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon + 1);
    if (colon != std::string_view::npos && port.empty()) return fail(Errc::invalid, "the Redis URL's port is empty");
  }
  if (address.host.empty()) return fail(Errc::invalid, "the Redis URL names no host");
  if (!port.empty() && (!parse_number(port, address.port, std::uint16_t{65'535}) || address.port == 0)) {
    return fail(Errc::invalid, "the Redis URL's port is no port");
  }
  return address;
}

Result<Address> parse_unix(std::string_view rest) {
  Address address;
  auto const question = rest.find('?');
  if (question != std::string_view::npos) {
    std::string_view query = rest.substr(question + 1);
    rest = rest.substr(0, question);
    if (!query.starts_with("db=") || !parse_number(query.substr(3), address.database, kDatabaseMax)) {
      return fail(Errc::invalid, "the Redis URL's query is not db=number");
    }
  }
  // Only what stands before the path: an @ may be part of the path itself.
  auto const slash = rest.find('/');
  if (slash == std::string_view::npos) return fail(Errc::invalid, "the Redis URL names no socket path");
  std::string_view credentials = rest.substr(0, slash);
  if (auto const taken = take_credentials(credentials, address); !taken) return std::unexpected(taken.error());
  if (!credentials.empty()) return fail(Errc::invalid, "the Redis URL's socket path is not absolute");
  address.socket_path = rest.substr(slash);
  return address;
}

}  // namespace

Result<Address> parse_url(std::string_view url) {
  constexpr std::string_view kTcp = "redis://";
  constexpr std::string_view kUnix = "unix://";
  if (url.starts_with(kTcp)) return parse_tcp(url.substr(kTcp.size()));
  if (url.starts_with(kUnix)) return parse_unix(url.substr(kUnix.size()));
  if (url.starts_with("rediss://")) return fail(Errc::invalid, "Redis over TLS is not supported");
  return fail(Errc::invalid, "a Redis URL begins with redis:// or unix://");
}

}  // namespace tableforge::redis
