#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/lobby/ports.hpp"

/// A chunk of the lobby's list as other instances read it: JSON, an array of objects. All its tables are public.
namespace tableforge::storage {

/// More than a chunk is ever asked to hold.
inline constexpr std::size_t kLobbyPageTablesMax = 1'000;

std::string encode_lobby_page(std::vector<lobby::TableRecord> const &tables);

/// Distrusts its input: what is missing, too much or of another type makes all of it corrupt.
Result<std::vector<lobby::TableRecord>> decode_lobby_page(std::string_view bytes);

}  // namespace tableforge::storage
