#pragma once

#include <expected>

#include "tableforge/base/time.hpp"
#include "tableforge/table/action.hpp"
#include "tableforge/table/chance.hpp"
#include "tableforge/table/change.hpp"
#include "tableforge/table/reject.hpp"
#include "tableforge/table/state.hpp"

/// The rules of each operation, one pure function per operation, grouped in sources by what they act on.
namespace tableforge::table {

/// Who acts, on what, with which luck.
struct Context {
  State const &state;
  PlayerId actor;
  Role role;
  Chance &chance;

  [[nodiscard]] bool privileged() const { return role == Role::gm || role == Role::owner; }
  [[nodiscard]] bool holds(std::optional<SeatId> const &seat) const { return seat && state.holds(actor, *seat); }
  /// Takes part in the game: sits at the table, or runs it.
  [[nodiscard]] bool takes_part() const { return privileged() || state.seated(actor); }
};

using Decision = std::expected<Change, Rejection>;

inline std::unexpected<Rejection> refuse(Reject why, std::string_view text) {
  return std::unexpected(Rejection{why, text});
}

/// The same words whether the piece does not exist or may not be seen.
inline std::unexpected<Rejection> no_such_piece() { return refuse(Reject::not_found, "there is no such piece"); }
inline std::unexpected<Rejection> no_such_zone() { return refuse(Reject::not_found, "there is no such zone"); }

// Rights, by default and as narrowed by the zone.
bool may_touch(Context const &context, Zone const &zone);
bool may_take(Context const &context, Zone const &zone);
bool may_put(Context const &context, Zone const &zone);
/// Taking from the top by draw or deal, which needs no sight of the zone.
bool may_draw(Context const &context, Zone const &zone);
/// Whoever deals reaches the hands of all, unless the zone narrows who may put.
bool may_deal_into(Context const &context, Zone const &zone);
/// Whether the actor can name the piece at all: sees its zone whole, or runs the table and has it from a peek.
bool can_name(Context const &context, Zone const &zone);
/// With turn_enforced: whoever sits in the turn order acts only on their turn.
bool is_on_turn(Context const &context);

Decision decide_operation(Context const &, SeatTake const &);
Decision decide_operation(Context const &, SeatLeave const &);
Decision decide_operation(Context const &, SeatAssign const &);
Decision decide_operation(Context const &, RoleGrant const &);
Decision decide_operation(Context const &, TableConfigure const &);
Decision decide_operation(Context const &, PieceCreate const &);
Decision decide_operation(Context const &, PieceMove const &);
Decision decide_operation(Context const &, PieceTurn const &);
Decision decide_operation(Context const &, PieceUpdate const &);
Decision decide_operation(Context const &, PieceRemove const &);
Decision decide_operation(Context const &, ZoneCreate const &);
Decision decide_operation(Context const &, ZoneRemove const &);
Decision decide_operation(Context const &, ZoneShuffle const &);
Decision decide_operation(Context const &, ZoneDraw const &);
Decision decide_operation(Context const &, ZoneDeal const &);
Decision decide_operation(Context const &, ZonePeek const &);
Decision decide_operation(Context const &, ZoneReveal const &);
Decision decide_operation(Context const &, CounterCreate const &);
Decision decide_operation(Context const &, CounterSet const &);
Decision decide_operation(Context const &, CounterAdd const &);
Decision decide_operation(Context const &, CounterTransfer const &);
Decision decide_operation(Context const &, TurnOrder const &);
Decision decide_operation(Context const &, TurnSet const &);
Decision decide_operation(Context const &, TurnNext const &);
Decision decide_operation(Context const &, DiceRoll const &);
Decision decide_operation(Context const &, ChatSay const &);
Decision decide_operation(Context const &, ChatWhisper const &);
Decision decide_operation(Context const &, PlayerJoin const &);

}  // namespace tableforge::table
