#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "tableforge/table/system.hpp"

namespace tableforge::codec {

/// Reads a game system document (JSON, docs/systems.md). The error is a sentence that names the field.
std::expected<table::GameSystem, std::string> parse_system(std::string_view json);

}  // namespace tableforge::codec
