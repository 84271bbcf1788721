#include "tableforge/base/ids.hpp"

#include "tableforge/base/hex.hpp"

namespace tableforge {

std::string to_text(PieceId id) {
  std::string out(16, '0');
  for (std::size_t i = 0; i < 16; ++i) out[i] = kHexDigits[(id.value >> (60 - 4 * i)) & 0x0f];
  return out;
}

std::optional<PieceId> parse_piece_id(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  std::uint64_t value = 0;
  for (char const c : text) {
    int const digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  return PieceId(value);
}

}  // namespace tableforge
