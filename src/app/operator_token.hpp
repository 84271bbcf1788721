#pragma once

#include <string>
#include <string_view>

namespace tableforge::app {

/// What an operator shows to change something through the admin listener, as `Authorization: Bearer …`.
///
/// Threads: any; immutable.
class OperatorToken {
 public:
  explicit OperatorToken(std::string token) : token_(std::move(token)) {}

  /// Whether the header's value is this token. Takes as long for a wrong one as for the right one of the same length.
  [[nodiscard]] bool in(std::string_view authorization) const;

 private:
  std::string token_;
};

}  // namespace tableforge::app
