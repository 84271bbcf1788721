#include "tableforge/ws/utf8.hpp"

#include <cstddef>
#include <cstring>

namespace tableforge::ws {

namespace {

/// How many bytes from the front are ASCII, counted in whole words; the rest is looked at byte by byte.
std::size_t ascii_words(std::string_view text) {
  std::size_t size = 0;
  std::uint64_t word = 0;
  for (; size + sizeof word <= text.size(); size += sizeof word) {
    std::memcpy(&word, text.data() + size, sizeof word);
    if ((word & 0x8080'8080'8080'8080U) != 0) break;
  }
  return size;
}

}  // namespace

bool Utf8Validator::feed(std::string_view piece) {
  if (bad_) return false;
  std::size_t at = 0;
  while (at < piece.size()) {
    if (missing_ == 0) {
      at += ascii_words(piece.substr(at));
      // The word that stopped the fast path may begin with ASCII of its own.
      while (at < piece.size() && static_cast<std::uint8_t>(piece[at]) < 0x80) ++at;
      if (at == piece.size()) return true;
      bad_ = !begin_character(static_cast<std::uint8_t>(piece[at++]));
    } else {
      auto const byte = static_cast<std::uint8_t>(piece[at++]);
      bad_ = byte < low_ || byte > high_;
      low_ = 0x80;
      high_ = 0xbf;
      --missing_;
    }
    if (bad_) return false;
  }
  return true;
}

/// The table of well-formed sequences (Unicode standard, table 3-7): after some lead bytes the second one is bounded,
/// which is what shuts out overlong forms (E0, F0), surrogates (ED) and what lies above U+10FFFF (F4).
bool Utf8Validator::begin_character(std::uint8_t lead) {
  if (lead < 0xc2 || lead > 0xf4) return false;
  missing_ = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  if (lead == 0xe0) low_ = 0xa0;
  if (lead == 0xed) high_ = 0x9f;
  if (lead == 0xf0) low_ = 0x90;
  if (lead == 0xf4) high_ = 0x8f;
  return true;
}

bool is_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.complete();
}

}  // namespace tableforge::ws
