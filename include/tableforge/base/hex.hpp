#pragma once

#include <cstdint>

namespace tableforge {

inline constexpr char kHexDigits[] = "0123456789abcdef";

/// The value of a lower-case hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace tableforge
