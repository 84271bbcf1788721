#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tableforge/base/fields.hpp"

namespace tableforge::table {

/// What a player may do at one table; every player has exactly one role there.
enum class Role : std::uint8_t { spectator, player, gm, owner };

enum class PieceKind : std::uint8_t { card, token, tile, die, counter, note };

/// A board is free (pieces lie at x, y); all other zones are ordered, index 0 being the top or the leftmost.
/// A bag is drawn from at random.
enum class ZoneKind : std::uint8_t { board, deck, pile, hand, bag };

/// Who sees a zone whole; everybody else sees a count.
enum class Visibility : std::uint8_t { everybody, owner, hidden };

enum class Side : std::uint8_t { front, back };

/// What `piece.turn` is asked for; `other` flips.
enum class Turnover : std::uint8_t { front, back, other };

/// A zone's narrowing of the default right to take, put or touch.
enum class Right : std::uint8_t { all, owner, gm, none };

/// To whom the dice of a roll are shown.
enum class RollAudience : std::uint8_t { all, gm, self };

/// Whether a table is listed in the lobby and open to everybody, or reached by invitation only.
enum class Listing : std::uint8_t { open, invited };

}  // namespace tableforge::table

namespace tableforge {

template <>
struct Words<table::Role> {
  static constexpr std::array<std::string_view, 4> words{"spectator", "player", "gm", "owner"};
};
template <>
struct Words<table::PieceKind> {
  static constexpr std::array<std::string_view, 6> words{"card", "token", "tile", "die", "counter", "note"};
};
template <>
struct Words<table::ZoneKind> {
  static constexpr std::array<std::string_view, 5> words{"board", "deck", "pile", "hand", "bag"};
};
template <>
struct Words<table::Visibility> {
  static constexpr std::array<std::string_view, 3> words{"public", "owner", "hidden"};
};
template <>
struct Words<table::Side> {
  static constexpr std::array<std::string_view, 2> words{"front", "back"};
};
template <>
struct Words<table::Turnover> {
  static constexpr std::array<std::string_view, 3> words{"front", "back", "other"};
};
template <>
struct Words<table::Right> {
  static constexpr std::array<std::string_view, 4> words{"all", "owner", "gm", "none"};
};
template <>
struct Words<table::RollAudience> {
  static constexpr std::array<std::string_view, 3> words{"all", "gm", "self"};
};
template <>
struct Words<table::Listing> {
  static constexpr std::array<std::string_view, 2> words{"public", "private"};
};

}  // namespace tableforge
