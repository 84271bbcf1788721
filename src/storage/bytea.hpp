#pragma once

#include <optional>
#include <string>
#include <string_view>

/// PostgreSQL's text form of binary values, `\x` and hexadecimal digits. The library's own types for them differ from
/// version to version.
namespace tableforge::storage {

std::string to_bytea(std::string_view bytes);
std::optional<std::string> from_bytea(std::string_view text);

}  // namespace tableforge::storage
