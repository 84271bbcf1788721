#include "lobby/names.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tableforge/table/limits.hpp"

namespace tableforge::lobby {

static_assert(kNameCharactersMax == static_cast<std::size_t>(table::kNameMax), "the table must take these names too");

namespace {

/// Takes one character off the front; nothing if it is not well-formed UTF-8.
std::optional<std::uint32_t> next_character(std::string_view &text) {
  auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::uint8_t const first = byte(0);
  std::size_t const length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return std::nullopt;
  std::uint32_t character = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    character = character << 6 | (byte(i) & 0x3fu);
  }
  // Longer than needed, a surrogate, or beyond Unicode.
  if ((length == 3 && character < 0x800) || (length == 4 && character < 0x10000) ||
      (character >= 0xd800 && character <= 0xdfff) || character > 0x10ffff) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return character;
}

bool is_control(std::uint32_t character) { return character < 0x20 || (character >= 0x7f && character <= 0x9f); }

}  // namespace

bool valid_name(std::string_view name) {
  std::size_t characters = 0;
  while (!name.empty()) {
    auto const character = next_character(name);
    if (!character || is_control(*character) || ++characters > kNameCharactersMax) return false;
  }
  return characters > 0;
}

}  // namespace tableforge::lobby
