#include "tableforge/base/json_writer.hpp"

#include <cstdint>
#include <cstring>

#include "tableforge/base/hex.hpp"

namespace tableforge {

namespace {

/// Where the first byte from `from` on is that must be escaped; the size of the text if there is none.
std::size_t find_special(std::string_view text, std::size_t from) {
  // Eight bytes at a time, and without telling which of them it is: nearly all texts have none.
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101U;
  for (std::uint64_t word = 0; text.size() - from >= sizeof word; from += sizeof word) {
    std::memcpy(&word, text.data() + from, sizeof word);
    auto const is_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
    auto const control = (word - kOnes * 0x20) & ~word;
    if (((is_zero(word ^ kOnes * '"') | is_zero(word ^ kOnes * '\\') | control) & kOnes * 0x80) != 0) break;
  }
  for (; from < text.size(); ++from) {
    auto const c = static_cast<unsigned char>(text[from]);
    if (c < 0x20 || c == '"' || c == '\\') break;
  }
  return from;
}

}  // namespace

void JsonWriter::string(std::string_view text) {
  if (find_special(text, 0) == text.size()) {
    plain_string(text.size(), [&](char *out) { text.copy(out, text.size()); });
    return;
  }
  comma();
  quote(text);
  comma_due_ = true;
}

void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  std::size_t plain = 0;
  for (auto i = find_special(text, 0); i < text.size(); i = find_special(text, i + 1)) {
    auto const c = static_cast<unsigned char>(text[i]);
    out_.append(text, plain, i - plain);
    plain = i + 1;
    out_ += '\\';
    switch (c) {
      case '"': out_ += '"'; break;
      case '\\': out_ += '\\'; break;
      case '\n': out_ += 'n'; break;
      case '\r': out_ += 'r'; break;
      case '\t': out_ += 't'; break;
      default:
        out_ += "u00";
        out_ += kHexDigits[c >> 4];
        out_ += kHexDigits[c & 0x0f];
    }
  }
  out_.append(text, plain);
  out_ += '"';
}

}  // namespace tableforge
