#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tableforge {

inline constexpr char kHexDigits[] = "0123456789abcdef";

/// Both digits of every byte, so that one look-up writes two.
inline constexpr auto kHexPairs = [] {
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kHexDigits[byte >> 4];
    pairs[2 * byte + 1] = kHexDigits[byte & 0x0f];
  }
  return pairs;
}();

/// Writes two digits; returns what is behind them.
inline char *write_hex(char *out, std::uint8_t byte) {
  std::memcpy(out, kHexPairs.data() + 2 * std::size_t{byte}, 2);
  return out + 2;
}

/// The value of a lower-case hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace tableforge
