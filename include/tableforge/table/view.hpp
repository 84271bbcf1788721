#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/ids.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/table/action.hpp"
#include "tableforge/table/change.hpp"
#include "tableforge/table/kinds.hpp"

/// What a viewer is shown: exactly what the wire says, in its words. A view borrows its texts from the state or event
/// it was projected from and must not outlive it. An absent optional is left out; an OrNull is written as null.
namespace tableforge::table::view {

struct Piece {
  PieceId id;
  PieceKind kind = PieceKind::token;
  std::optional<std::int64_t> index;
  std::optional<double> x;
  std::optional<double> y;
  double rotation = 0;
  Side side = Side::front;
  std::optional<std::string_view> face;
  std::string_view back;
  bool locked = false;
  std::string_view label;
  static constexpr auto fields() {
    return std::tuple{
        field("id", &Piece::id),         field("kind", &Piece::kind),  field("index", &Piece::index),
        field("x", &Piece::x),           field("y", &Piece::y),        field("rotation", &Piece::rotation),
        field("side", &Piece::side),     field("face", &Piece::face),  field("back", &Piece::back),
        field("locked", &Piece::locked), field("label", &Piece::label)};
  }
};

struct Zone {
  std::string_view id;
  ZoneKind kind = ZoneKind::board;
  Visibility visibility = Visibility::everybody;
  OrNull<std::string_view> seat;
  Seq version = 0;
  std::size_t count = 0;
  std::optional<std::string_view> back;      ///< The common back, where the zone is seen as a count and has one.
  std::optional<std::vector<Piece>> pieces;  ///< Only where seen whole.
  static constexpr auto fields() {
    return std::tuple{
        field("id", &Zone::id),     field("kind", &Zone::kind),       field("visibility", &Zone::visibility),
        field("seat", &Zone::seat), field("version", &Zone::version), field("count", &Zone::count),
        field("back", &Zone::back), field("pieces", &Zone::pieces)};
  }
};

struct System {
  std::string_view id;
  std::int64_t version = 1;
  static constexpr auto fields() { return std::tuple{field("id", &System::id), field("version", &System::version)}; }
};

struct Table {
  TableId id;
  std::string_view name;
  System system;
  Grid grid;
  bool turn_enforced = false;
  Time created_at;
  static constexpr auto fields() {
    return std::tuple{field("id", &Table::id),
                      field("name", &Table::name),
                      field("system", &Table::system),
                      field("grid", &Table::grid),
                      field("turn_enforced", &Table::turn_enforced),
                      field("created_at", &Table::created_at)};
  }
};

struct Player {
  PlayerId id;
  std::string_view name;
  Role role = Role::player;
  bool online = false;
  static constexpr auto fields() {
    return std::tuple{field("id", &Player::id), field("name", &Player::name), field("role", &Player::role),
                      field("online", &Player::online)};
  }
};

struct Seat {
  std::string_view id;
  std::string_view name;
  OrNull<PlayerId> player;
  static constexpr auto fields() {
    return std::tuple{field("id", &Seat::id), field("name", &Seat::name), field("player", &Seat::player)};
  }
};

struct Counter {
  std::string_view id;
  OrNull<std::string_view> seat;
  std::int64_t value = 0;
  std::int64_t min = 0;
  static constexpr auto fields() {
    return std::tuple{field("id", &Counter::id), field("seat", &Counter::seat), field("value", &Counter::value),
                      field("min", &Counter::min)};
  }
};

struct Turn {
  std::span<SeatId const> order;
  OrNull<std::string_view> active;
  std::int64_t round = 1;
  OrNull<std::string_view> phase;
  static constexpr auto fields() {
    return std::tuple{field("order", &Turn::order), field("active", &Turn::active), field("round", &Turn::round),
                      field("phase", &Turn::phase)};
  }
};

/// A move as the viewer sees it: the piece named, or only that something went from here to there.
struct Move {
  std::optional<PieceId> piece;
  std::optional<PieceId> new_id;
  std::string_view from;
  std::string_view to;
  std::optional<std::int64_t> count;  ///< Set when the pieces are not named.
  std::optional<std::int64_t> index;
  std::optional<double> x;
  std::optional<double> y;
  std::optional<Side> side;
  std::optional<double> rotation;
  std::optional<std::string_view> face;
  std::optional<PieceKind> kind;  ///< This and the next three: for who has not seen the piece before.
  std::optional<std::string_view> back;
  std::optional<std::string_view> label;
  std::optional<bool> locked;
  static constexpr auto fields() {
    return std::tuple{field("piece", &Move::piece),  field("new_id", &Move::new_id),
                      field("from", &Move::from),    field("to", &Move::to),
                      field("count", &Move::count),  field("index", &Move::index),
                      field("x", &Move::x),          field("y", &Move::y),
                      field("side", &Move::side),    field("rotation", &Move::rotation),
                      field("face", &Move::face),    field("kind", &Move::kind),
                      field("back", &Move::back),    field("label", &Move::label),
                      field("locked", &Move::locked)};
  }
};

/// The back that the pieces of a zone seen as a count share from now on. Told where it does not follow: what leaves a
/// zone of one back has that back, and nobody can tell what came out of mixed ones or came to be unseen.
struct ZoneBack {
  std::string_view zone;
  OrNull<std::string_view> back;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneBack::zone), field("back", &ZoneBack::back)}; }
};

/// Named moves (and, among them, unnamed ones), or just from, to and count if none is named and all went one way.
struct PieceMoved {
  std::optional<std::vector<Move>> moves;
  std::optional<std::string_view> from;
  std::optional<std::string_view> to;
  std::optional<std::int64_t> count;
  std::optional<std::vector<ZoneBack>> backs;
  static constexpr auto fields() {
    return std::tuple{field("moves", &PieceMoved::moves), field("from", &PieceMoved::from),
                      field("to", &PieceMoved::to), field("count", &PieceMoved::count),
                      field("backs", &PieceMoved::backs)};
  }
};

/// Pieces that came to be or went: named where seen, counted elsewhere.
struct ZoneCount {
  std::string_view zone;
  std::int64_t count = 0;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZoneCount::zone), field("count", &ZoneCount::count)};
  }
};

struct CreatedPiece {
  std::string_view zone;
  Piece piece;
  static constexpr auto fields() {
    return std::tuple{field("zone", &CreatedPiece::zone), field("piece", &CreatedPiece::piece)};
  }
};

struct PieceCreated {
  std::vector<CreatedPiece> pieces;
  std::vector<ZoneCount> counts;
  std::optional<std::vector<ZoneBack>> backs;
  static constexpr auto fields() {
    return std::tuple{field("pieces", &PieceCreated::pieces), field("counts", &PieceCreated::counts),
                      field("backs", &PieceCreated::backs)};
  }
};

struct TurnedPiece {
  PieceId piece;
  std::string_view zone;
  Side side = Side::front;
  std::optional<std::string_view> face;
  static constexpr auto fields() {
    return std::tuple{field("piece", &TurnedPiece::piece), field("zone", &TurnedPiece::zone),
                      field("side", &TurnedPiece::side), field("face", &TurnedPiece::face)};
  }
};

struct PieceTurned {
  std::vector<TurnedPiece> pieces;
  std::vector<ZoneCount> counts;
  static constexpr auto fields() {
    return std::tuple{field("pieces", &PieceTurned::pieces), field("counts", &PieceTurned::counts)};
  }
};

struct PieceSet {
  std::optional<std::string_view> face;
  std::optional<std::string_view> label;
  std::optional<bool> locked;
  static constexpr auto fields() {
    return std::tuple{field("face", &PieceSet::face), field("label", &PieceSet::label),
                      field("locked", &PieceSet::locked)};
  }
};

/// `piece` and `set` only for those who see it.
struct PieceUpdated {
  std::string_view zone;
  std::optional<PieceId> piece;
  std::optional<PieceSet> set;
  static constexpr auto fields() {
    return std::tuple{field("zone", &PieceUpdated::zone), field("piece", &PieceUpdated::piece),
                      field("set", &PieceUpdated::set)};
  }
};

struct RemovedPiece {
  PieceId piece;
  std::string_view zone;
  static constexpr auto fields() {
    return std::tuple{field("piece", &RemovedPiece::piece), field("zone", &RemovedPiece::zone)};
  }
};

struct PieceRemoved {
  std::vector<RemovedPiece> pieces;
  std::vector<ZoneCount> counts;
  std::optional<std::vector<ZoneBack>> backs;
  static constexpr auto fields() {
    return std::tuple{field("pieces", &PieceRemoved::pieces), field("counts", &PieceRemoved::counts),
                      field("backs", &PieceRemoved::backs)};
  }
};

struct ZoneCreated {
  Zone zone;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneCreated::zone)}; }
};

struct ZoneRemoved {
  std::string_view zone;
  static constexpr auto fields() { return std::tuple{field("zone", &ZoneRemoved::zone)}; }
};

/// `pieces` (new ids, new order) only for those who see the zone whole.
struct ZoneShuffled {
  std::string_view zone;
  std::int64_t count = 0;
  std::optional<std::vector<Piece>> pieces;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZoneShuffled::zone), field("count", &ZoneShuffled::count),
                      field("pieces", &ZoneShuffled::pieces)};
  }
};

/// A peek or a reveal: that it happened, and for those it was meant for, what it showed.
struct ZoneShown {
  std::string_view zone;
  std::int64_t count = 0;
  std::optional<std::span<KnownFace const>> known;
  static constexpr auto fields() {
    return std::tuple{field("zone", &ZoneShown::zone), field("count", &ZoneShown::count),
                      field("known", &ZoneShown::known)};
  }
};

struct PlayerJoined {
  std::string_view name;
  PlayerId player;
  Role role = Role::player;
  static constexpr auto fields() {
    return std::tuple{field("player", &PlayerJoined::player), field("name", &PlayerJoined::name),
                      field("role", &PlayerJoined::role)};
  }
};

struct SeatChanged {
  std::string_view seat;
  OrNull<PlayerId> player;  ///< Who holds it now (taken, assigned), or who left it (left).
  static constexpr auto fields() {
    return std::tuple{field("seat", &SeatChanged::seat), field("player", &SeatChanged::player)};
  }
};

struct RoleGranted {
  PlayerId player;
  Role role = Role::player;
  std::span<SeatId const> vacated;
  static constexpr auto fields() {
    return std::tuple{field("player", &RoleGranted::player), field("role", &RoleGranted::role),
                      field("vacated", &RoleGranted::vacated)};
  }
};

struct TableConfigured {
  std::optional<std::string_view> name;
  std::optional<Grid> grid;
  std::optional<bool> turn_enforced;
  static constexpr auto fields() {
    return std::tuple{field("name", &TableConfigured::name), field("grid", &TableConfigured::grid),
                      field("turn_enforced", &TableConfigured::turn_enforced)};
  }
};

struct CounterChanged {
  std::vector<Counter> counters;
  static constexpr auto fields() { return std::tuple{field("counters", &CounterChanged::counters)}; }
};

struct CounterValue {
  std::string_view id;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("id", &CounterValue::id), field("value", &CounterValue::value)};
  }
};

struct CounterTransferred {
  std::string_view from;
  std::string_view to;
  std::int64_t amount = 0;
  std::vector<CounterValue> counters;  ///< Both, as they are now.
  static constexpr auto fields() {
    return std::tuple{field("from", &CounterTransferred::from), field("to", &CounterTransferred::to),
                      field("amount", &CounterTransferred::amount), field("counters", &CounterTransferred::counters)};
  }
};

/// To those the roll is not for: that it happened, and for whom it is.
struct DiceRolled {
  RollAudience to = RollAudience::all;
  std::optional<std::string_view> notation;
  std::optional<std::span<Die const>> dice;
  std::optional<std::int64_t> total;
  std::optional<std::string_view> reason;
  static constexpr auto fields() {
    return std::tuple{field("to", &DiceRolled::to), field("notation", &DiceRolled::notation),
                      field("dice", &DiceRolled::dice), field("total", &DiceRolled::total),
                      field("reason", &DiceRolled::reason)};
  }
};

struct ChatSaid {
  std::string_view text;
  static constexpr auto fields() { return std::tuple{field("text", &ChatSaid::text)}; }
};

struct ChatWhispered {
  std::span<PlayerId const> to;
  std::string_view text;
  static constexpr auto fields() {
    return std::tuple{field("to", &ChatWhispered::to), field("text", &ChatWhispered::text)};
  }
};

/// An event of which the viewer may know nothing but that its seq passed by.
struct Skip {};

struct State;

/// The first state of the table, as anybody would have been shown it.
struct TableCreated {
  std::vector<State> state;  ///< Exactly one; a vector because State is incomplete here.
};

using Shape = std::variant<Skip, TableCreated, PlayerJoined, SeatChanged, RoleGranted, TableConfigured, PieceCreated,
                           PieceMoved, PieceTurned, PieceUpdated, PieceRemoved, ZoneCreated, ZoneRemoved, ZoneShuffled,
                           ZoneShown, CounterChanged, CounterTransferred, Turn, DiceRolled, ChatSaid, ChatWhispered>;

struct Event {
  std::string_view ev;  ///< "skip" for a Skip, which has nothing but its seq.
  Seq seq = 0;
  Time at;
  std::optional<PlayerId> by;
  std::string_view action;  ///< Empty unless an action caused it.
  std::string_view client;
  Shape shape;
};

struct State {
  Table table;
  std::vector<Player> players;
  std::vector<Seat> seats;
  std::vector<Zone> zones;
  std::vector<Counter> counters;
  Turn turn;
  std::vector<Event> chat;
};

}  // namespace tableforge::table::view
