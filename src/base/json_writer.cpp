#include "tableforge/base/json_writer.hpp"

#include "tableforge/base/hex.hpp"

namespace tableforge {

void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
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
