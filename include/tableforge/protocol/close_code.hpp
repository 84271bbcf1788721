#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tableforge/base/fields.hpp"

namespace tableforge::protocol {

/// Why a table's socket is closed: 4000–4499 mean "come back", 4500–4999 mean "do not". The numbers are close_number's.
enum class CloseReason : std::uint8_t {
  restarting,
  no_hello,
  too_slow,
  replaced,
  overloaded,
  unauthorized,
  violation,
  table_closed,
  removed,
};

constexpr std::uint16_t close_number(CloseReason reason) {
  constexpr std::array<std::uint16_t, 9> numbers{4000, 4001, 4008, 4009, 4013, 4500, 4501, 4503, 4504};
  return numbers[static_cast<std::size_t>(reason)];
}

}  // namespace tableforge::protocol

template <>
struct tableforge::Words<tableforge::protocol::CloseReason> {
  static constexpr std::array<std::string_view, 9> words{"restarting", "no_hello",     "too_slow",
                                                         "replaced",   "overloaded",   "unauthorized",
                                                         "violation",  "table_closed", "removed"};
};
