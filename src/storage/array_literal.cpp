#include "storage/array_literal.hpp"

#include <utility>

namespace tableforge::storage {

void ArrayLiteral::bare(std::string_view text) {
  separate();
  text_ += text;
}

std::string ArrayLiteral::take() && {
  if (text_.empty()) return "{}";
  text_ += '}';
  return std::move(text_);
}

}  // namespace tableforge::storage
