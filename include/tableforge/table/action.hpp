#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/table/kinds.hpp"
#include "tableforge/table/limits.hpp"
#include "tableforge/table/state.hpp"

/// What people ask of a table, one struct per operation. The fields listed here are the operation's `data` on the
/// wire: names, optionality and bounds (characters of texts, elements of lists, values of numbers).
namespace tableforge::table {

inline constexpr Bound kIdBound{.min = 1, .max = kNameMax};
inline constexpr Bound kIntegerBound{.min = -kIntegerMax, .max = kIntegerMax};
inline constexpr Bound kPiecesBound{.min = 1, .max = kPiecesPerActionMax};

/// Everybody at the table, or the players named.
struct Audience {
  bool all = false;
  std::vector<PlayerId> players;

  bool operator==(Audience const &) const = default;
};

struct SeatTake {
  static constexpr std::string_view op = "seat.take";
  SeatId seat;
  static constexpr auto fields() { return std::tuple{field("seat", &SeatTake::seat, kIdBound)}; }
};

struct SeatLeave {
  static constexpr std::string_view op = "seat.leave";
  SeatId seat;
  static constexpr auto fields() { return std::tuple{field("seat", &SeatLeave::seat, kIdBound)}; }
};

/// A field that must be present and may be null.
template <class T>
struct OrNull {
  std::optional<T> value;
  bool operator==(OrNull const &) const = default;
};

struct SeatAssign {
  static constexpr std::string_view op = "seat.assign";
  SeatId seat;
  OrNull<PlayerId> player;
  static constexpr auto fields() {
    return std::tuple{field("seat", &SeatAssign::seat, kIdBound), field("player", &SeatAssign::player)};
  }
};

struct RoleGrant {
  static constexpr std::string_view op = "role.grant";
  PlayerId player;
  Role role = Role::player;
  static constexpr auto fields() {
    return std::tuple{field("player", &RoleGrant::player), field("role", &RoleGrant::role)};
  }
};

struct TableConfigure {
  static constexpr std::string_view op = "table.configure";
  std::optional<std::string> name;
  std::optional<Grid> grid;
  std::optional<bool> turn_enforced;
  static constexpr auto fields() {
    return std::tuple{field("name", &TableConfigure::name, kIdBound), field("grid", &TableConfigure::grid),
                      field("turn_enforced", &TableConfigure::turn_enforced)};
  }
};

struct PieceSpec {
  PieceKind kind = PieceKind::token;
  ZoneId zone;
  std::string face;
  std::string back;
  std::optional<std::string> label;
  std::optional<Side> side;
  std::optional<bool> locked;
  std::optional<std::int64_t> index;
  std::optional<double> x;
  std::optional<double> y;
  std::optional<double> rotation;
  static constexpr auto fields() {
    return std::tuple{field("kind", &PieceSpec::kind),
                      field("zone", &PieceSpec::zone, kIdBound),
                      field("face", &PieceSpec::face, {.min = 0, .max = kFaceMax}),
                      field("back", &PieceSpec::back, {.min = 0, .max = kFaceMax}),
                      field("label", &PieceSpec::label, {.min = 0, .max = kLabelMax}),
                      field("side", &PieceSpec::side),
                      field("locked", &PieceSpec::locked),
                      field("index", &PieceSpec::index, {.min = 0, .max = std::int64_t{kPiecesMax}}),
                      field("x", &PieceSpec::x),
                      field("y", &PieceSpec::y),
                      field("rotation", &PieceSpec::rotation)};
  }
};

struct PieceCreate {
  static constexpr std::string_view op = "piece.create";
  std::vector<PieceSpec> pieces;
  static constexpr auto fields() { return std::tuple{field("pieces", &PieceCreate::pieces, kPiecesBound)}; }
};

/// Where a piece goes. Without an index it goes on top of a deck, pile or bag, to the end of a hand, and keeps its
/// place in a zone it does not leave; x and y default to where it lay (on a board) or to 0.
struct Place {
  ZoneId zone;
  std::optional<std::int64_t> index;
  std::optional<double> x;
  std::optional<double> y;
  static constexpr auto fields() {
    return std::tuple{field("zone", &Place::zone, kIdBound),
                      field("index", &Place::index, {.min = 0, .max = std::int64_t{kPiecesMax}}), field("x", &Place::x),
                      field("y", &Place::y)};
  }
};

struct MoveSpec {
  PieceId piece;
  Place to;
  std::optional<Side> side;
  std::optional<double> rotation;
  static constexpr auto fields() {
    return std::tuple{field("piece", &MoveSpec::piece), field("to", &MoveSpec::to), field("side", &MoveSpec::side),
                      field("rotation", &MoveSpec::rotation)};
  }
};

struct PieceMove {
  static constexpr std::string_view op = "piece.move";
  std::vector<MoveSpec> moves;
  static constexpr auto fields() { return std::tuple{field("moves", &PieceMove::moves, kPiecesBound)}; }
};

struct PieceTurn {
  static constexpr std::string_view op = "piece.turn";
  std::vector<PieceId> pieces;
  Turnover side = Turnover::other;
  static constexpr auto fields() {
    return std::tuple{field("pieces", &PieceTurn::pieces, kPiecesBound), field("side", &PieceTurn::side)};
  }
};

struct PieceSet {
  std::optional<std::string> face;
  std::optional<std::string> label;
  std::optional<bool> locked;
  static constexpr auto fields() {
    return std::tuple{field("face", &PieceSet::face, {.min = 0, .max = kFaceMax}),
                      field("label", &PieceSet::label, {.min = 0, .max = kLabelMax}),
                      field("locked", &PieceSet::locked)};
  }
};

struct PieceUpdate {
  static constexpr std::string_view op = "piece.update";
  PieceId piece;
  PieceSet set;
  static constexpr auto fields() {
    return std::tuple{field("piece", &PieceUpdate::piece), field("set", &PieceUpdate::set)};
  }
};

struct PieceRemove {
  static constexpr std::string_view op = "piece.remove";
  std::vector<PieceId> pieces;
  static constexpr auto fields() { return std::tuple{field("pieces", &PieceRemove::pieces, kPiecesBound)}; }
};

struct ZoneSpec {
  ZoneId id;
  ZoneKind kind = ZoneKind::board;
  Visibility visibility = Visibility::everybody;
  std::optional<SeatId> seat;
  std::optional<std::int64_t> capacity;
  std::optional<Right> take;
  std::optional<Right> put;
  std::optional<Right> touch;
  static constexpr auto fields() {
    return std::tuple{field("id", &ZoneSpec::id, kIdBound),
                      field("kind", &ZoneSpec::kind),
                      field("visibility", &ZoneSpec::visibility),
                      field("seat", &ZoneSpec::seat, kIdBound),
                      field("capacity", &ZoneSpec::capacity, {.min = 1, .max = std::int64_t{kPiecesMax}}),
                      field("take", &ZoneSpec::take),
                      field("put", &ZoneSpec::put),
                      field("touch", &ZoneSpec::touch)};
  }
};

struct ZoneCreate {
  static constexpr std::string_view op = "zone.create";
  ZoneSpec zone;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneCreate::zone)}; }
};

struct ZoneRemove {
  static constexpr std::string_view op = "zone.remove";
  ZoneId zone;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneRemove::zone, kIdBound)}; }
};

struct ZoneShuffle {
  static constexpr std::string_view op = "zone.shuffle";
  ZoneId zone;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneShuffle::zone, kIdBound)}; }
};

struct ZoneDraw {
  static constexpr std::string_view op = "zone.draw";
  ZoneId from;
  std::optional<ZoneId> to;  ///< The actor's own hand when absent.
  std::int64_t count = 1;
  std::optional<Side> side;
  static constexpr auto fields() {
    return std::tuple{field("from", &ZoneDraw::from, kIdBound), field("to", &ZoneDraw::to, kIdBound),
                      field("count", &ZoneDraw::count, {.min = 1, .max = kPiecesPerActionMax}),
                      field("side", &ZoneDraw::side)};
  }
};

struct ZoneDeal {
  static constexpr std::string_view op = "zone.deal";
  ZoneId from;
  std::vector<ZoneId> to;
  std::int64_t count = 1;  ///< For each zone.
  std::optional<Side> side;
  static constexpr auto fields() {
    return std::tuple{
        field("from", &ZoneDeal::from, kIdBound), field("to", &ZoneDeal::to, {.min = 1, .max = kZonesPerDealMax}),
        field("count", &ZoneDeal::count, {.min = 1, .max = kPiecesPerActionMax}), field("side", &ZoneDeal::side)};
  }
};

struct ZonePeek {
  static constexpr std::string_view op = "zone.peek";
  ZoneId zone;
  std::int64_t count = 1;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZonePeek::zone, kIdBound),
                      field("count", &ZonePeek::count, {.min = 1, .max = kPiecesPerActionMax})};
  }
};

/// Exactly one of `zone` and `pieces`; the pieces all lie in one zone.
struct ZoneReveal {
  static constexpr std::string_view op = "zone.reveal";
  std::optional<ZoneId> zone;
  std::optional<std::vector<PieceId>> pieces;
  Audience to;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZoneReveal::zone, kIdBound), field("pieces", &ZoneReveal::pieces, kPiecesBound),
                      field("to", &ZoneReveal::to, {.min = 1, .max = kAudienceMax})};
  }
};

struct CounterCreate {
  static constexpr std::string_view op = "counter.create";
  CounterId counter;
  std::int64_t value = 0;
  std::optional<std::int64_t> min;  ///< 0 when absent.
  std::optional<SeatId> seat;
  static constexpr auto fields() {
    return std::tuple{field("counter", &CounterCreate::counter, kIdBound),
                      field("value", &CounterCreate::value, kIntegerBound),
                      field("min", &CounterCreate::min, kIntegerBound), field("seat", &CounterCreate::seat, kIdBound)};
  }
};

struct CounterSet {
  static constexpr std::string_view op = "counter.set";
  CounterId counter;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("counter", &CounterSet::counter, kIdBound),
                      field("value", &CounterSet::value, kIntegerBound)};
  }
};

struct CounterAdd {
  static constexpr std::string_view op = "counter.add";
  CounterId counter;
  std::int64_t delta = 0;
  static constexpr auto fields() {
    return std::tuple{field("counter", &CounterAdd::counter, kIdBound),
                      field("delta", &CounterAdd::delta, kIntegerBound)};
  }
};

struct CounterTransfer {
  static constexpr std::string_view op = "counter.transfer";
  CounterId from;
  CounterId to;
  std::int64_t amount = 1;
  static constexpr auto fields() {
    return std::tuple{field("from", &CounterTransfer::from, kIdBound), field("to", &CounterTransfer::to, kIdBound),
                      field("amount", &CounterTransfer::amount, {.min = 1, .max = kIntegerMax})};
  }
};

struct TurnOrder {
  static constexpr std::string_view op = "turn.order";
  std::vector<SeatId> seats;
  static constexpr auto fields() {
    return std::tuple{field("seats", &TurnOrder::seats, {.min = 0, .max = std::int64_t{kSeatsMax}})};
  }
};

struct TurnSet {
  static constexpr std::string_view op = "turn.set";
  SeatId seat;
  std::optional<std::string> phase;
  static constexpr auto fields() {
    return std::tuple{field("seat", &TurnSet::seat, kIdBound), field("phase", &TurnSet::phase, kIdBound)};
  }
};

struct TurnNext {
  static constexpr std::string_view op = "turn.next";
  static constexpr auto fields() { return std::tuple{}; }
};

struct DiceRoll {
  static constexpr std::string_view op = "dice.roll";
  std::string notation;
  RollAudience to = RollAudience::all;
  std::optional<std::string> reason;
  static constexpr auto fields() {
    return std::tuple{field("notation", &DiceRoll::notation, {.min = 1, .max = kNotationMax}),
                      field("to", &DiceRoll::to), field("reason", &DiceRoll::reason, {.min = 0, .max = kReasonMax})};
  }
};

struct ChatSay {
  static constexpr std::string_view op = "chat.say";
  std::string text;
  static constexpr auto fields() { return std::tuple{field("text", &ChatSay::text, {.min = 1, .max = kChatMax})}; }
};

struct ChatWhisper {
  static constexpr std::string_view op = "chat.whisper";
  std::vector<PlayerId> to;
  std::string text;
  static constexpr auto fields() {
    return std::tuple{field("to", &ChatWhisper::to, {.min = 1, .max = kAudienceMax}),
                      field("text", &ChatWhisper::text, {.min = 1, .max = kChatMax})};
  }
};

/// Somebody comes to the table: asked for by the server when a newcomer connects or accepts an invitation, never by a
/// client. For a player the table knows, it can only raise the role.
struct PlayerJoin {
  std::string name;
  Role role = Role::player;
  static constexpr auto fields() {
    return std::tuple{field("name", &PlayerJoin::name, kIdBound), field("role", &PlayerJoin::role)};
  }
};

/// Everything a client may ask for; the order is that of docs/protocol.md and of the metrics' labels.
using Operation = std::variant<SeatTake, SeatLeave, SeatAssign, RoleGrant, TableConfigure, PieceCreate, PieceMove,
                               PieceTurn, PieceUpdate, PieceRemove, ZoneCreate, ZoneRemove, ZoneShuffle, ZoneDraw,
                               ZoneDeal, ZonePeek, ZoneReveal, CounterCreate, CounterSet, CounterAdd, CounterTransfer,
                               TurnOrder, TurnSet, TurnNext, DiceRoll, ChatSay, ChatWhisper, PlayerJoin>;

inline constexpr std::size_t kClientOperations = std::variant_size_v<Operation> - 1;  ///< All but PlayerJoin.

/// What must still be true for an action to be taken: the state may not have moved past what its sender saw.
struct Precondition {
  std::optional<ZoneId> zone;  ///< With `version`.
  std::optional<std::int64_t> version;
  std::optional<std::int64_t> seq;
  static constexpr auto fields() {
    return std::tuple{field("zone", &Precondition::zone, kIdBound),
                      field("version", &Precondition::version, {.min = 0, .max = kIntegerMax}),
                      field("seq", &Precondition::seq, {.min = 0, .max = kIntegerMax})};
  }
};

/// One request, by whom and under which id.
struct Action {
  PlayerId by;
  ClientId client;
  ActionId id;
  std::optional<Precondition> precondition;
  Operation operation;
};

/// A hash of what the action asks for (operation, data, precondition; not its id), stable across versions because it
/// is stored: the same id with another fingerprint is refused as id_reused.
std::uint64_t fingerprint(Action const &action);

/// The operation's word on the wire; "player.join" for the server's own.
std::string_view op_word(std::size_t operation_index);

}  // namespace tableforge::table
