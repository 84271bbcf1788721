#pragma once

#include <string_view>

namespace tableforge::lobby {

/// How many characters, not bytes, a name of a player or a table may have.
inline constexpr std::size_t kNameCharactersMax = 64;

/// 1 to 64 characters of well-formed UTF-8, none of them a control character.
bool valid_name(std::string_view name);

}  // namespace tableforge::lobby
