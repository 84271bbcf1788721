#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tableforge/base/shared_text.hpp"
#include "tableforge/base/uuid.hpp"

namespace tableforge {

/// A value that names a thing of one kind. Ids of different kinds do not mix.
template <class Tag, class Value>
struct Id {
  Value value{};

  Id() = default;
  explicit Id(Value v) : value(std::move(v)) {}
  auto operator<=>(Id const &) const = default;
  bool operator==(Id const &) const = default;
};

using TableId = Id<struct TableTag, Uuid>;
using PlayerId = Id<struct PlayerTag, Uuid>;

using SeatId = Id<struct SeatTag, std::string>;        ///< Named by the game system: "s1", "white".
using ZoneId = Id<struct ZoneTag, std::string>;        ///< Named by the game system: "deck", "hand:s1".
using CounterId = Id<struct CounterTag, std::string>;  ///< Named by the game system: "chips:s1".
using SystemId = Id<struct SystemTag, std::string>;    ///< "cards-52".

using ClientId = Id<struct ClientTag, SharedText>;   ///< Chosen by a client, kept across its resumes.
using ActionId = Id<struct ActionTag, std::string>;  ///< Chosen by a client, unique per player and client.

/// A piece's public name: random, and replaced whenever the piece could be tracked through it.
using PieceId = Id<struct PieceTag, std::uint64_t>;

/// Sixteen hexadecimal digits.
std::string to_text(PieceId id);
inline constexpr std::size_t kPieceIdTextBytes = 16;
/// The same, to where kPieceIdTextBytes fit.
void write_text(PieceId id, char *out);
std::optional<PieceId> parse_piece_id(std::string_view text);

/// Position in a table's one gapless order of events; the first event is 1, 0 means "before anything".
using Seq = std::uint64_t;

}  // namespace tableforge

template <class Tag, class Value>
struct std::hash<tableforge::Id<Tag, Value>> {
  std::size_t operator()(tableforge::Id<Tag, Value> const &id) const noexcept { return std::hash<Value>{}(id.value); }
};
