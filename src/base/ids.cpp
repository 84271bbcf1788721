#include "tableforge/base/ids.hpp"

#include "tableforge/base/hex.hpp"

namespace tableforge {

std::string to_text(PieceId id) {
  std::string out(kPieceIdTextBytes, '0');
  write_text(id, out.data());
  return out;
}

void write_text(PieceId id, char *out) {
  for (int shift = 56; shift >= 0; shift -= 8) out = write_hex(out, static_cast<std::uint8_t>(id.value >> shift));
}

std::optional<PieceId> parse_piece_id(std::string_view text) {
  if (text.size() != kPieceIdTextBytes) return std::nullopt;
  std::uint64_t value = 0;
  for (char const c : text) {
    int const digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  return PieceId(value);
}

}  // namespace tableforge
