#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tableforge/log/log.hpp"

namespace tableforge::log {

/// The time's place is the sink's; this is what follows it, without a newline and within `bytes_max`.
/// Text: `warn  table loaded table=4f… seq=12`. Values with anything but plain characters are quoted.
std::string text_line(Level level, std::string_view message, std::span<Field const> fields, std::size_t bytes_max);
/// JSON members without braces: `"level":"warn","message":"table loaded","table":"4f…","seq":12`.
std::string json_line(Level level, std::string_view message, std::span<Field const> fields, std::size_t bytes_max);

}  // namespace tableforge::log
