#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tableforge/table/change.hpp"
#include "tableforge/table/state.hpp"

namespace tableforge::table {

/// A piece that goes from one zone to another; from nowhere if it comes to be, to nowhere if it is removed.
struct Passage {
  std::string_view back;
  Zone const *from = nullptr;
  Zone const *to = nullptr;
};

/// The common backs after the passages, for those who see the zones as counts; nothing if each of them can tell.
///
/// They can as long as the pieces leave zones that are public or of one back: what comes out of a blue deck is blue.
/// Not so when a piece leaves mixed ones, or comes to be unseen.
std::optional<std::vector<ZoneBack>> untold_backs(State const &state, std::span<Passage const> passages);

}  // namespace tableforge::table
