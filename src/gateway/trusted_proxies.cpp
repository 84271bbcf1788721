#include "gateway/trusted_proxies.hpp"

#include <algorithm>
#include <charconv>

#include "tableforge/log/log.hpp"

namespace tableforge::gateway {

namespace ip = boost::asio::ip;

namespace {

std::optional<ip::address> address_in(std::string_view text) {
  // A scope names an interface of the machine that wrote it, and make_address() takes one.
  if (text.contains('%')) return std::nullopt;
  boost::system::error_code code;
  auto const address = ip::make_address(std::string(text), code);
  return code ? std::nullopt : std::optional(unmapped(address));
}

/// The entry of a proxy, which may tell the port as well: 192.0.2.7, 192.0.2.7:4711, 2001:db8::7, [2001:db8::7]:4711.
std::optional<ip::address> forwarded_address(std::string_view entry) {
  if (entry.starts_with('[')) {
    auto const end = entry.find(']');
    if (end == std::string_view::npos || (end + 1 < entry.size() && entry[end + 1] != ':')) return std::nullopt;
    return address_in(entry.substr(1, end - 1));
  }
  auto const colon = entry.find(':');
  bool const has_port = colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos;
  return address_in(has_port ? entry.substr(0, colon) : entry);
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

ip::address unmapped(ip::address const &address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

TrustedProxies::Bytes TrustedProxies::bytes_of(Address const &address) {
  auto const v6 = address.is_v6() ? address.to_v6() : ip::make_address_v6(ip::v4_mapped, address.to_v4());
  return v6.to_bytes();
}

std::optional<TrustedProxies::Block> TrustedProxies::block_of(std::string_view text) {
  auto const slash = text.find('/');
  auto const address = address_in(text.substr(0, slash));
  if (!address) return std::nullopt;
  unsigned const width = address->is_v4() ? 32 : 128;
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    auto const digits = text.substr(slash + 1);
    auto const [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (code != std::errc{} || end != digits.data() + digits.size() || bits > width) return std::nullopt;
  }
  return Block{.bytes = bytes_of(*address), .bits = bits + 128 - width};
}

Result<TrustedProxies> TrustedProxies::parse(std::span<std::string const> blocks) {
  TrustedProxies proxies;
  for (auto const &text : blocks) {
    auto const block = block_of(text);
    if (!block) {
      log::error("not a block of addresses", {{"block", text}});
      return fail(Errc::invalid, "a trusted proxy is no address and no block of them");
    }
    proxies.blocks_.push_back(*block);
  }
  return proxies;
}

bool TrustedProxies::trusts(Address const &address) const {
  auto const bytes = bytes_of(address);
  return std::ranges::any_of(blocks_, [&](Block const &block) {
    auto const whole = block.bits / 8;
    if (!std::equal(bytes.begin(), bytes.begin() + whole, block.bytes.begin())) return false;
    auto const rest = block.bits % 8;
    return rest == 0 || (bytes[whole] ^ block.bytes[whole]) >> (8 - rest) == 0;
  });
}

TrustedProxies::Address TrustedProxies::client_of(Address const &peer, std::string_view forwarded_for) const {
  Address client = peer;
  auto left = without_blanks(forwarded_for);
  while (!left.empty() && trusts(client)) {
    auto const comma = left.rfind(',');
    auto const entry = without_blanks(comma == std::string_view::npos ? left : left.substr(comma + 1));
    auto const address = forwarded_address(entry);
    if (!address) return client;
    client = *address;
    left = comma == std::string_view::npos ? std::string_view() : left.substr(0, comma);
  }
  return client;
}

}  // namespace tableforge::gateway
