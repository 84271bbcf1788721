#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/table/chance.hpp"
#include "tableforge/table/reject.hpp"

namespace tableforge::table {

/// One thrown die.
struct Die {
  std::int64_t sides = 6;
  std::int64_t value = 1;
  bool kept = true;  ///< False if `kh` or `kl` left it out of the total.

  bool operator==(Die const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("sides", &Die::sides), field("value", &Die::value), field("kept", &Die::kept)};
  }
};

struct Roll {
  std::vector<Die> dice;  ///< In the order in which the notation names them.
  std::int64_t total = 0;
};

/// Throws what a notation such as `4d6kh3+2` asks for. The dialect is published in docs/dice.md.
///
/// Bounds: at most kDiceMax dice of at most kSidesMax sides, nesting and length bounded; everything is checked before
///         the first die is thrown, so a refused notation draws nothing from chance.
/// Errors: bad_request with a sentence that says what is wrong.
std::expected<Roll, Rejection> roll(std::string_view notation, Chance &chance);

}  // namespace tableforge::table
