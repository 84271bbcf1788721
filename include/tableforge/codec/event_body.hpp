#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/table/event.hpp"

/// The disk form of events: a JSON array, one object per event, as commit_row.body holds it. Versioned, and old
/// versions are brought up to date on reading.
namespace tableforge::codec {

std::string encode_events(std::span<table::Event const> events);

/// Events of a stored row; `first_seq` is the row's, from which each event's seq follows.
/// Errors: corrupt.
Result<std::vector<table::Event>> decode_events(std::string_view body, Seq first_seq);

}  // namespace tableforge::codec
