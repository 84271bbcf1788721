#pragma once

#include <cstdint>
#include <string_view>

#include "tableforge/base/fields.hpp"

namespace tableforge::table {

/// Why the rules refuse an action. The word of each is its stable code on the wire.
enum class Reject : std::uint8_t {
  bad_request,  ///< Well-formed, but it can never make sense (a die of no sides, dealing to a zone twice).
  forbidden,    ///< One sees the thing, but has no right to do this to it.
  not_found,    ///< No such thing, or one that the actor may not see: the same words for both.
  conflict,     ///< A precondition is stale, or the thing is taken or exists already.
  id_reused,    ///< The action id was used before for something else.
  not_your_turn,
  locked,
  full,
  empty,
  insufficient,  ///< Fewer pieces, or less on a counter, than asked for.
};

/// A reason with a sentence for a person. The text is a literal and never depends on what the actor cannot see.
struct Rejection {
  Reject why;
  std::string_view text;
};

}  // namespace tableforge::table

template <>
struct tableforge::Words<tableforge::table::Reject> {
  static constexpr std::array<std::string_view, 10> words{"bad_request", "forbidden",     "not_found", "conflict",
                                                          "id_reused",   "not_your_turn", "locked",    "full",
                                                          "empty",       "insufficient"};
};
