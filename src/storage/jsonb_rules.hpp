#pragma once

#include <string_view>

namespace tableforge::storage {

/// Whether PostgreSQL would take this text for jsonb: well-formed JSON in UTF-8, and no NUL character in any string.
bool jsonb_takes(std::string_view text);

}  // namespace tableforge::storage
