#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tableforge/base/time.hpp"
#include "tableforge/base/uuid.hpp"

namespace tableforge::storage {

/// A PostgreSQL array in its text form, built element by element: one statement carries a whole batch as one parameter
/// per column.
///
/// Errors: none; any text makes a well-formed literal, except that a NUL ends it early, which the server refuses.
class ArrayLiteral {
 public:
  void add(Uuid const &uuid) { bare(uuid.text()); }
  void add(std::uint64_t number) { bare(std::to_string(number)); }
  void add(Time time) { bare(to_rfc3339(time)); }
  /// Quoted, so that nothing in it has a meaning of its own.
  void add_text(std::string_view text);

  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  [[nodiscard]] std::string take() &&;

 private:
  void bare(std::string_view text);
  void separate() { text_ += text_.empty() ? '{' : ','; }

  std::string text_;
};

}  // namespace tableforge::storage
