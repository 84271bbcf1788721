#include "storage/array_literal.hpp"

#include <utility>

namespace tableforge::storage {

void ArrayLiteral::bare(std::string_view text) {
  separate();
  text_ += text;
}

void ArrayLiteral::add_text(std::string_view text) {
  separate();
  text_ += '"';
  // In runs between what needs a backslash: bodies are JSON, where both characters are frequent but runs are long.
  while (true) {
    std::size_t const special = text.find_first_of("\"\\");
    text_ += text.substr(0, special);
    if (special == std::string_view::npos) break;
    text_ += '\\';
    text_ += text[special];
    text.remove_prefix(special + 1);
  }
  text_ += '"';
}

std::string ArrayLiteral::take() && {
  if (text_.empty()) return "{}";
  text_ += '}';
  return std::move(text_);
}

}  // namespace tableforge::storage
