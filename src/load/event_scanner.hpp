#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tableforge/base/ids.hpp"

#include "load/mark.hpp"

namespace tableforge::load {

/// What the scanner made out in a message of the server.
struct Scan {
  enum class Kind : std::uint8_t {
    event,     ///< `seq` is set; `id` if the event has one.
    presence,  ///< A cursor; `mark` is set if it is one of ours.
    online,    ///< Somebody came or went.
    unclear,   ///< Anything else, or not written as expected: parse it.
  };
  Kind kind = Kind::unclear;
  Seq seq = 0;
  std::string_view id{};  ///< As it stands in the message, without escapes.
  std::optional<Mark> mark{};
};

/// Looks at one message where the server writes `ev`, `seq`, `id` and a cursor, and nowhere else.
///
/// A message is believed only as far as every byte up to there is what the server writes; whatever differs, be it a
/// field in another place or a space, is unclear, never misread.
Scan scan(std::string_view message);

/// Takes the next message off the front of a frame's text: the whole of it, or the next element of an array. Nothing
/// when all have been taken. Elements are found by what stands between two of them, which cannot stand inside a text
/// (there a quote is escaped) but can inside a state; so once a message was unclear, `rest` must be parsed instead.
std::optional<std::string_view> next_message(std::string_view &rest);

}  // namespace tableforge::load
