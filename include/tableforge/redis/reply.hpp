#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tableforge::redis {

/// Redis understood the command and refused it.
struct ReplyError {
  std::string text;
};

/// What Redis answered: nothing (nil), a number, bytes, a list, or an error of its own.
struct Reply {
  std::variant<std::monostate, std::int64_t, std::string, std::vector<Reply>, ReplyError> value;

  [[nodiscard]] bool is_nil() const { return std::holds_alternative<std::monostate>(value); }
  [[nodiscard]] bool is_error() const { return std::holds_alternative<ReplyError>(value); }
  /// Each is nullptr if the reply is something else.
  [[nodiscard]] std::int64_t const *number() const { return std::get_if<std::int64_t>(&value); }
  [[nodiscard]] std::string const *text() const { return std::get_if<std::string>(&value); }
  [[nodiscard]] std::vector<Reply> const *list() const { return std::get_if<std::vector<Reply>>(&value); }
  [[nodiscard]] ReplyError const *error() const { return std::get_if<ReplyError>(&value); }
};

}  // namespace tableforge::redis
