#include "gateway/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "gateway/trusted_proxies.hpp"

namespace tableforge::gateway {

namespace ip = boost::asio::ip;
using Header = std::expected<ProxyHeader, ProxyFault>;

namespace {

constexpr std::string_view kSignature1 = "PROXY ";
constexpr std::string_view kSignature2{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kLineBytesMax = 107;  // With its end; the longest line that version 1 can have.
constexpr std::size_t kFixedBytes = 16;

bool begins_as(std::string_view received, std::string_view signature) {
  auto const common = std::min(received.size(), signature.size());
  return received.substr(0, common) == signature.substr(0, common);
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  bool const canonical = text == "0" || !text.starts_with('0');
  return code == std::errc{} && end == text.data() + text.size() && canonical;
}

template <class Address>
std::optional<ip::address> address_word(std::string_view word) {
  if (word.contains('%')) return std::nullopt;
  boost::system::error_code code;
  if constexpr (std::is_same_v<Address, ip::address_v4>) {
    auto const address = ip::make_address_v4(std::string(word), code);
    return code ? std::nullopt : std::optional<ip::address>(address);
  } else {
    auto const address = ip::make_address_v6(std::string(word), code);
    return code ? std::nullopt : std::optional<ip::address>(unmapped(address));
  }
}

/// "TCP4 source destination port port": exactly five words, with single blanks between.
std::optional<ip::address> source_in_line(std::string_view line) {
  std::array<std::string_view, 5> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto const end = line.find(' ');
    if ((end == std::string_view::npos) != (i + 1 == words.size())) return std::nullopt;
    words[i] = line.substr(0, end);
    line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
  }
  if (!is_port(words[3]) || !is_port(words[4])) return std::nullopt;
  bool const v4 = words[0] == "TCP4";
  if (!v4 && words[0] != "TCP6") return std::nullopt;
  auto const read = v4 ? address_word<ip::address_v4> : address_word<ip::address_v6>;
  return read(words[2]) ? read(words[1]) : std::nullopt;
}

Header read_line(std::string_view received) {
  auto const end = received.substr(0, kLineBytesMax).find("\r\n");
  if (end == std::string_view::npos) {
    return std::unexpected(received.size() < kLineBytesMax ? ProxyFault::incomplete : ProxyFault::malformed);
  }
  auto const line = received.substr(0, end).substr(kSignature1.size());
  ProxyHeader header{.bytes = end + 2, .source = std::nullopt};
  // The rest of such a line means nothing, says the protocol.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return header;
  header.source = source_in_line(line);
  if (!header.source) return std::unexpected(ProxyFault::malformed);
  return header;
}

template <class Bytes>
Bytes bytes_at(std::string_view received, std::size_t at) {
  Bytes bytes;
  std::ranges::transform(received.substr(at, bytes.size()), bytes.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  return bytes;
}

Header read_binary(std::string_view received) {
  if (received.size() < kFixedBytes) return std::unexpected(ProxyFault::incomplete);
  auto const fixed = bytes_at<std::array<unsigned char, 4>>(received, kSignature2.size());
  std::size_t const length = fixed[2] * 256U + fixed[3];
  unsigned const command = fixed[0];
  bool const local = command == 0x20;
  if ((!local && command != 0x21) || kFixedBytes + length > kProxyHeaderBytesMax) {
    return std::unexpected(ProxyFault::malformed);
  }
  if (received.size() < kFixedBytes + length) return std::unexpected(ProxyFault::incomplete);
  ProxyHeader header{.bytes = kFixedBytes + length, .source = std::nullopt};
  unsigned const family = fixed[1];
  if (local || family == 0x00) return header;
  // Two addresses and two ports; what follows them is for others.
  if (family == 0x11 && length >= 12) {
    header.source = ip::address_v4(bytes_at<ip::address_v4::bytes_type>(received, kFixedBytes));
  } else if (family == 0x21 && length >= 36) {
    header.source = unmapped(ip::address_v6(bytes_at<ip::address_v6::bytes_type>(received, kFixedBytes)));
  } else {
    return std::unexpected(ProxyFault::malformed);
  }
  return header;
}

}  // namespace

Header read_proxy_header(std::string_view received) {
  if (begins_as(received, kSignature1)) {
    return received.size() < kSignature1.size() ? std::unexpected(ProxyFault::incomplete) : read_line(received);
  }
  if (begins_as(received, kSignature2)) return read_binary(received);
  return std::unexpected(ProxyFault::malformed);
}

}  // namespace tableforge::gateway
