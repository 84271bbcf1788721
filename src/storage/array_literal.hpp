#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tableforge/base/time.hpp"
#include "tableforge/base/uuid.hpp"

namespace tableforge::storage {

/// A PostgreSQL array in its text form, of elements that need no quotes, built element by element: one statement
/// carries a whole batch as one parameter per column.
class ArrayLiteral {
 public:
  void add(Uuid const &uuid) { bare(uuid.text()); }
  void add(std::uint64_t number) { bare(std::to_string(number)); }
  void add(Time time) { bare(to_rfc3339(time)); }
  [[nodiscard]] std::string take() &&;

 private:
  void bare(std::string_view text);
  void separate() { text_ += text_.empty() ? '{' : ','; }

  std::string text_;
};

}  // namespace tableforge::storage
