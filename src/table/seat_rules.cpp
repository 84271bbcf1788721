#include <algorithm>

#include "table/rules.hpp"

namespace tableforge::table {

namespace {

std::unexpected<Rejection> no_such_seat() { return refuse(Reject::not_found, "there is no such seat"); }

bool is_last_owner(State const &state, PlayerId player) {
  return state.role_of(player) == Role::owner &&
         std::ranges::count_if(state.players, [](Player const &each) { return each.role == Role::owner; }) == 1;
}

/// The change to a known player's role; a spectator holds no seat.
RoleGranted granted(State const &state, PlayerId player, Role role) {
  RoleGranted change{.player = player, .role = role, .vacated = {}};
  if (role == Role::spectator) {
    for (auto const &seat : state.seats) {
      if (seat.player == player) change.vacated.push_back(seat.id);
    }
  }
  return change;
}

}  // namespace

Decision decide_operation(Context const &context, SeatTake const &take) {
  auto const *seat = context.state.find_seat(take.seat);
  if (seat == nullptr) return no_such_seat();
  if (context.role == Role::spectator) return refuse(Reject::forbidden, "a spectator takes no seat");
  if (seat->player) return refuse(Reject::conflict, "the seat is taken");
  return SeatTaken{.seat = take.seat, .player = context.actor};
}

Decision decide_operation(Context const &context, SeatLeave const &leave) {
  auto const *seat = context.state.find_seat(leave.seat);
  if (seat == nullptr) return no_such_seat();
  if (seat->player != context.actor) return refuse(Reject::forbidden, "only who holds the seat can leave it");
  return SeatLeft{.seat = leave.seat, .player = context.actor};
}

Decision decide_operation(Context const &context, SeatAssign const &assign) {
  auto const *seat = context.state.find_seat(assign.seat);
  if (seat == nullptr) return no_such_seat();
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner assigns seats");
  if (assign.player.value) {
    auto const role = context.state.role_of(*assign.player.value);
    if (!role) return refuse(Reject::not_found, "there is no such player at this table");
    if (*role == Role::spectator) return refuse(Reject::conflict, "a spectator takes no seat");
  }
  return SeatAssigned{.seat = assign.seat, .player = assign.player.value, .before = seat->player};
}

Decision decide_operation(Context const &context, RoleGrant const &grant) {
  if (context.role != Role::owner) return refuse(Reject::forbidden, "only the owner grants roles");
  if (!context.state.role_of(grant.player)) return refuse(Reject::not_found, "there is no such player at this table");
  if (grant.role != Role::owner && is_last_owner(context.state, grant.player)) {
    return refuse(Reject::conflict, "a table keeps at least one owner: make somebody else owner first");
  }
  return granted(context.state, grant.player, grant.role);
}

Decision decide_operation(Context const &context, PlayerJoin const &join) {
  auto const role = context.state.role_of(context.actor);
  if (!role) {
    if (context.state.players.size() >= kPlayersMax) return refuse(Reject::full, "the table knows too many players");
    return PlayerJoined{.player = {.id = context.actor, .name = join.name, .role = join.role}};
  }
  if (join.role <= *role) return refuse(Reject::conflict, "the player is at this table already");
  return granted(context.state, context.actor, join.role);
}

Decision decide_operation(Context const &context, TableConfigure const &configure) {
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner configures the table");
  if (!configure.name && !configure.grid && !configure.turn_enforced) {
    return refuse(Reject::bad_request, "nothing to configure: give name, grid or turn_enforced");
  }
  bool const breaks_lines =
      configure.name && std::ranges::any_of(*configure.name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (breaks_lines) return refuse(Reject::bad_request, "a name has no control characters");
  return TableConfigured{.name = configure.name, .grid = configure.grid, .turn_enforced = configure.turn_enforced};
}

}  // namespace tableforge::table
