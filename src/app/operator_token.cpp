#include "app/operator_token.hpp"

#include <cstddef>

namespace tableforge::app {

bool OperatorToken::in(std::string_view authorization) const {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return false;
  auto const given = authorization.substr(kScheme.size());
  if (given.size() != token_.size()) return false;
  unsigned differing = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    differing |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(token_[i]);
  }
  return differing == 0;
}

}  // namespace tableforge::app
