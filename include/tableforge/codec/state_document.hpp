#pragma once

#include <string>
#include <string_view>

#include "tableforge/base/result.hpp"
#include "tableforge/table/state.hpp"

/// The disk form of a table's state (snapshots): JSON, versioned, brought up to date on reading.
namespace tableforge::codec {

std::string encode_state(table::State const &state);

/// Errors: corrupt.
Result<table::State> decode_state(std::string_view bytes);

}  // namespace tableforge::codec
