#include "tableforge/base/uuid.hpp"

#include <span>

#include "tableforge/base/hex.hpp"
#include "tableforge/base/os_random.hpp"

namespace tableforge {

namespace {
constexpr bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }
}  // namespace

Uuid Uuid::random() {
  Uuid uuid;
  os_random(std::as_writable_bytes(std::span(uuid.bytes)));
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    int const high = hex_value(text[at++]);
    int const low = hex_value(text[at++]);
    if (high < 0 || low < 0) return std::nullopt;
    uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return uuid;
}

std::string Uuid::text() const {
  std::string out(kTextBytes, '-');
  write_text(out.data());
  return out;
}

void Uuid::write_text(char *out) const {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (dash_before(i)) *out++ = '-';
    out = write_hex(out, bytes[i]);
  }
}

}  // namespace tableforge
