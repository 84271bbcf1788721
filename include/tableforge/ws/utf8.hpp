#pragma once

#include <cstdint>
#include <string_view>

namespace tableforge::ws {

/// Judges UTF-8 that arrives in pieces, which may be cut anywhere.
///
/// It fails at the first byte that no valid text can contain at that place: overlong forms, surrogates, code points
/// above U+10FFFF and stray bytes are seen as soon as they begin, not when the message is complete.
///
/// Threads: any one at a time.
/// Errors:  data; once bad, a text stays bad.
class Utf8Validator {
 public:
  /// Takes the next piece. False as soon as the text so far cannot be the beginning of a valid one.
  bool feed(std::string_view piece);

  /// Whether the text so far is valid as it stands, that is, does not end inside a character.
  [[nodiscard]] bool complete() const { return !bad_ && missing_ == 0; }

 private:
  bool begin_character(std::uint8_t lead);

  std::uint8_t missing_ = 0;  // Bytes still to come of the current character.
  std::uint8_t low_ = 0x80;   // The bounds of the next of them.
  std::uint8_t high_ = 0xbf;
  bool bad_ = false;
};

/// Whether the whole text is valid UTF-8.
bool is_utf8(std::string_view text);

}  // namespace tableforge::ws
