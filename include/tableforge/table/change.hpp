#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/table/action.hpp"
#include "tableforge/table/dice.hpp"
#include "tableforge/table/kinds.hpp"
#include "tableforge/table/state.hpp"

/// What an accepted action does, with everything needed to do it again (replay) and to tell each viewer their part:
/// who sees a zone is resolved when the action is decided and kept here, so history never depends on who holds a seat
/// today. These are truths: they never leave the server; view.hpp is what does.
namespace tableforge::table {

/// Who saw a zone whole at the moment of the event: everybody, one player, or nobody.
struct Sight {
  bool all = false;
  std::optional<PlayerId> player;

  bool operator==(Sight const &) const = default;
  [[nodiscard]] bool sees(std::optional<PlayerId> viewer) const { return all || (player && player == viewer); }
  [[nodiscard]] bool nobody() const { return !all && !player; }
};

/// The whole first state of a table: seats, zones, pieces and counters as its game system lays them out.
struct TableCreated {
  static constexpr std::string_view ev = "table.created";
  std::shared_ptr<State const> state;  ///< Never null. Apart, or every event would have room for a whole state.
};

struct PlayerJoined {
  static constexpr std::string_view ev = "player.joined";
  Player player;
  static constexpr auto fields() { return std::tuple{field("player", &PlayerJoined::player)}; }
};

struct SeatTaken {
  static constexpr std::string_view ev = "seat.taken";
  SeatId seat;
  PlayerId player;
  static constexpr auto fields() {
    return std::tuple{field("seat", &SeatTaken::seat), field("player", &SeatTaken::player)};
  }
};

struct SeatLeft {
  static constexpr std::string_view ev = "seat.left";
  SeatId seat;
  PlayerId player;  ///< Who left it.
  static constexpr auto fields() {
    return std::tuple{field("seat", &SeatLeft::seat), field("player", &SeatLeft::player)};
  }
};

struct SeatAssigned {
  static constexpr std::string_view ev = "seat.assigned";
  SeatId seat;
  std::optional<PlayerId> player;
  std::optional<PlayerId> before;
  static constexpr auto fields() {
    return std::tuple{field("seat", &SeatAssigned::seat), field("player", &SeatAssigned::player),
                      field("before", &SeatAssigned::before)};
  }
};

/// A player who becomes a spectator gives up the seats named.
struct RoleGranted {
  static constexpr std::string_view ev = "role.granted";
  PlayerId player;
  Role role = Role::player;
  std::vector<SeatId> vacated;
  static constexpr auto fields() {
    return std::tuple{field("player", &RoleGranted::player), field("role", &RoleGranted::role),
                      field("vacated", &RoleGranted::vacated)};
  }
};

struct TableConfigured {
  static constexpr std::string_view ev = "table.configured";
  std::optional<std::string> name;
  std::optional<Grid> grid;
  std::optional<bool> turn_enforced;
  static constexpr auto fields() {
    return std::tuple{field("name", &TableConfigured::name), field("grid", &TableConfigured::grid),
                      field("turn_enforced", &TableConfigured::turn_enforced)};
  }
};

struct CreatedPiece {
  PieceId id;
  Piece piece;
  std::optional<std::int64_t> index;  ///< Its place in the zone's order; absent on a board, where it comes last.
  Sight sight;                        ///< Of the zone.
  static constexpr auto fields() {
    return std::tuple{field("id", &CreatedPiece::id), field("piece", &CreatedPiece::piece),
                      field("index", &CreatedPiece::index), field("sight", &CreatedPiece::sight)};
  }
};

/// The back that all pieces of a zone share after the event; absent if they do not, or if there are none.
struct ZoneBack {
  ZoneId zone;
  Sight sight;  ///< Who sees the zone as a count is told.
  std::optional<std::string> back;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZoneBack::zone), field("sight", &ZoneBack::sight), field("back", &ZoneBack::back)};
  }
};

struct PieceCreated {
  static constexpr std::string_view ev = "piece.created";
  std::vector<CreatedPiece> pieces;
  std::optional<std::vector<ZoneBack>> backs;  ///< Where pieces came to be unseen.
  static constexpr auto fields() {
    return std::tuple{field("pieces", &PieceCreated::pieces), field("backs", &PieceCreated::backs)};
  }
};

/// What somebody needs who has not seen the piece before.
struct Appearance {
  PieceKind kind = PieceKind::token;
  std::string back;
  std::string label;
  bool locked = false;
  static constexpr auto fields() {
    return std::tuple{field("kind", &Appearance::kind), field("back", &Appearance::back),
                      field("label", &Appearance::label), field("locked", &Appearance::locked)};
  }
};

struct Move {
  PieceId piece;                  ///< Its id before.
  std::optional<PieceId> new_id;  ///< Its id after, if that changed.
  ZoneId from;
  ZoneId to;
  std::optional<std::int64_t> index;  ///< In an ordered zone: its place among the pieces of `to` once it is there.
  std::optional<double> x;            ///< On a board, with `y`. It comes last there, and keeps its turn if it stays.
  std::optional<double> y;
  double rotation = 0;
  Side side = Side::front;
  Sight before;                          ///< Of `from`.
  Sight after;                           ///< Of `to`.
  bool private_after = false;            ///< `to` shows its owner the faces whichever side is up.
  std::optional<std::string> face;       ///< Kept where somebody may come to know it.
  std::optional<Appearance> appearance;  ///< Kept where somebody sees the piece for the first time.
  static constexpr auto fields() {
    return std::tuple{field("piece", &Move::piece), field("new_id", &Move::new_id),
                      field("from", &Move::from),   field("to", &Move::to),
                      field("index", &Move::index), field("x", &Move::x),
                      field("y", &Move::y),         field("rotation", &Move::rotation),
                      field("side", &Move::side),   field("before", &Move::before),
                      field("after", &Move::after), field("private_after", &Move::private_after),
                      field("face", &Move::face),   field("appearance", &Move::appearance)};
  }
};

/// `piece.move`, `zone.draw` and `zone.deal`: the moves happen one after the other.
struct PieceMoved {
  static constexpr std::string_view ev = "piece.moved";
  std::vector<Move> moves;
  std::optional<std::vector<ZoneBack>> backs;  ///< Where pieces left a zone of mixed backs.
  static constexpr auto fields() {
    return std::tuple{field("moves", &PieceMoved::moves), field("backs", &PieceMoved::backs)};
  }
};

struct TurnedPiece {
  PieceId piece;
  Side side = Side::front;
  std::string face;
  static constexpr auto fields() {
    return std::tuple{field("piece", &TurnedPiece::piece), field("side", &TurnedPiece::side),
                      field("face", &TurnedPiece::face)};
  }
};

/// Pieces of one zone whose other side is up now, in one event; pieces of several zones make several groups.
struct TurnedGroup {
  ZoneId zone;
  Sight sight;
  bool private_zone = false;  ///< Its owner sees the faces whichever side is up.
  std::vector<TurnedPiece> pieces;
  static constexpr auto fields() {
    return std::tuple{field("zone", &TurnedGroup::zone), field("sight", &TurnedGroup::sight),
                      field("private_zone", &TurnedGroup::private_zone), field("pieces", &TurnedGroup::pieces)};
  }
};

struct PieceTurned {
  static constexpr std::string_view ev = "piece.turned";
  std::vector<TurnedGroup> groups;
  static constexpr auto fields() { return std::tuple{field("groups", &PieceTurned::groups)}; }
};

struct PieceUpdated {
  static constexpr std::string_view ev = "piece.updated";
  PieceId piece;
  ZoneId zone;
  Sight sight;
  bool face_shown = false;  ///< Whoever sees the piece sees its face.
  std::optional<std::string> face;
  std::optional<std::string> label;
  std::optional<bool> locked;
  static constexpr auto fields() {
    return std::tuple{field("piece", &PieceUpdated::piece),  field("zone", &PieceUpdated::zone),
                      field("sight", &PieceUpdated::sight),  field("face_shown", &PieceUpdated::face_shown),
                      field("face", &PieceUpdated::face),    field("label", &PieceUpdated::label),
                      field("locked", &PieceUpdated::locked)};
  }
};

struct RemovedPiece {
  PieceId piece;
  ZoneId zone;
  Sight sight;
  static constexpr auto fields() {
    return std::tuple{field("piece", &RemovedPiece::piece), field("zone", &RemovedPiece::zone),
                      field("sight", &RemovedPiece::sight)};
  }
};

struct PieceRemoved {
  static constexpr std::string_view ev = "piece.removed";
  std::vector<RemovedPiece> pieces;
  std::optional<std::vector<ZoneBack>> backs;  ///< Where pieces left a zone of mixed backs.
  static constexpr auto fields() {
    return std::tuple{field("pieces", &PieceRemoved::pieces), field("backs", &PieceRemoved::backs)};
  }
};

struct ZoneCreated {
  static constexpr std::string_view ev = "zone.created";
  Zone zone;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneCreated::zone)}; }
};

struct ZoneRemoved {
  static constexpr std::string_view ev = "zone.removed";
  ZoneId zone;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneRemoved::zone)}; }
};

/// The pieces in their new order under their new ids. `was[i]` is the old place of the piece now at i.
struct ZoneShuffled {
  static constexpr std::string_view ev = "zone.shuffled";
  ZoneId zone;
  Sight sight;
  std::vector<std::int64_t> was;
  std::vector<PieceId> ids;
  std::vector<Piece> shown;  ///< Kept, in the new order, where somebody sees the zone whole.
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZoneShuffled::zone), field("sight", &ZoneShuffled::sight),
                      field("was", &ZoneShuffled::was), field("ids", &ZoneShuffled::ids),
                      field("shown", &ZoneShuffled::shown)};
  }
};

struct KnownFace {
  PieceId id;
  std::string face;
  bool operator==(KnownFace const &) const = default;
  static constexpr auto fields() { return std::tuple{field("id", &KnownFace::id), field("face", &KnownFace::face)}; }
};

struct ZonePeeked {
  static constexpr std::string_view ev = "zone.peeked";
  ZoneId zone;
  PlayerId by;
  std::vector<KnownFace> known;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZonePeeked::zone), field("by", &ZonePeeked::by),
                      field("known", &ZonePeeked::known)};
  }
};

struct ZoneRevealed {
  static constexpr std::string_view ev = "zone.revealed";
  ZoneId zone;
  Audience to;
  PlayerId by;  ///< Who revealed them, and so knows them.
  std::vector<KnownFace> known;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZoneRevealed::zone), field("to", &ZoneRevealed::to),
                      field("by", &ZoneRevealed::by), field("known", &ZoneRevealed::known)};
  }
};

/// `counter.create`, `counter.set` and `counter.add`: the counter as it is now.
struct CounterChanged {
  static constexpr std::string_view ev = "counter.changed";
  Counter counter;
  static constexpr auto fields() { return std::tuple{field("counter", &CounterChanged::counter)}; }
};

struct CounterTransferred {
  static constexpr std::string_view ev = "counter.transferred";
  CounterId from;
  CounterId to;
  std::int64_t amount = 0;
  std::int64_t from_value = 0;
  std::int64_t to_value = 0;
  static constexpr auto fields() {
    return std::tuple{field("from", &CounterTransferred::from), field("to", &CounterTransferred::to),
                      field("amount", &CounterTransferred::amount),
                      field("from_value", &CounterTransferred::from_value),
                      field("to_value", &CounterTransferred::to_value)};
  }
};

struct TurnChanged {
  static constexpr std::string_view ev = "turn.changed";
  Turn turn;
  static constexpr auto fields() { return std::tuple{field("turn", &TurnChanged::turn)}; }
};

struct DiceRolled {
  static constexpr std::string_view ev = "dice.rolled";
  std::string notation;
  std::optional<std::string> reason;
  RollAudience to = RollAudience::all;
  std::vector<PlayerId> readers;  ///< Who `to` named when it was rolled, unless all.
  std::vector<Die> dice;
  std::int64_t total = 0;
  static constexpr auto fields() {
    return std::tuple{field("notation", &DiceRolled::notation),
                      field("reason", &DiceRolled::reason),
                      field("to", &DiceRolled::to),
                      field("readers", &DiceRolled::readers),
                      field("dice", &DiceRolled::dice),
                      field("total", &DiceRolled::total)};
  }
};

struct ChatSaid {
  static constexpr std::string_view ev = "chat.said";
  std::string text;
  static constexpr auto fields() { return std::tuple{field("text", &ChatSaid::text)}; }
};

struct ChatWhispered {
  static constexpr std::string_view ev = "chat.whispered";
  std::vector<PlayerId> to;
  std::string text;
  static constexpr auto fields() {
    return std::tuple{field("to", &ChatWhispered::to), field("text", &ChatWhispered::text)};
  }
};

using Change = std::variant<TableCreated, PlayerJoined, SeatTaken, SeatLeft, SeatAssigned, RoleGranted, TableConfigured,
                            PieceCreated, PieceMoved, PieceTurned, PieceUpdated, PieceRemoved, ZoneCreated, ZoneRemoved,
                            ZoneShuffled, ZonePeeked, ZoneRevealed, CounterChanged, CounterTransferred, TurnChanged,
                            DiceRolled, ChatSaid, ChatWhispered>;

/// The event's word on the wire and on disk.
std::string_view ev_word(Change const &change);

}  // namespace tableforge::table
