#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tableforge/base/ids.hpp"

namespace tableforge::gateway {

/// A request target in its origin form, taken apart and percent-decoded.
struct Target {
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
};

/// Nothing for a target that is not an origin form, is wrongly encoded, is not UTF-8 or contains NUL once it is
/// decoded, or names a query parameter twice: what two readers could understand differently is refused.
std::optional<Target> parse_target(std::string_view text);

/// The {id} of "/v1/tables/{id}/ws", as it stands; nothing for any other path.
std::optional<std::string_view> socket_path_id(std::string_view path);

}  // namespace tableforge::gateway
