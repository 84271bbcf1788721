#pragma once

#include <cstdint>
#include <optional>

#include "tableforge/base/ids.hpp"

namespace tableforge::host {

/// What a presence message is about: of the same player and thing only the latest is worth sending.
struct PresenceKey {
  PlayerId player;
  std::uint8_t kinds = 0;  ///< Bits: cursor, drag, typing.
  std::optional<PieceId> piece;
  bool operator==(PresenceKey const &) const = default;
};

}  // namespace tableforge::host
