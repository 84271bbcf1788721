#include <algorithm>

#include "tableforge/table/project.hpp"

#include "table/rules.hpp"

namespace tableforge::table {

namespace {

bool narrowed(Context const &context, Zone const &zone, Right right) {
  switch (right) {
    case Right::all: return true;
    case Right::owner: return context.holds(zone.seat);
    case Right::gm: return context.privileged();
    case Right::none: return false;
  }
  return false;
}

bool may_reach_into(Context const &context, Zone const &zone) {
  switch (zone.visibility) {
    case Visibility::everybody: return context.takes_part();
    case Visibility::owner: return context.holds(zone.seat);
    case Visibility::hidden: return context.privileged();
  }
  return false;
}

}  // namespace

bool may_touch(Context const &context, Zone const &zone) {
  return may_reach_into(context, zone) && narrowed(context, zone, zone.rights.touch);
}

bool may_take(Context const &context, Zone const &zone) {
  return may_reach_into(context, zone) && narrowed(context, zone, zone.rights.take);
}

bool may_put(Context const &context, Zone const &zone) {
  bool const allowed =
      zone.visibility == Visibility::owner ? context.holds(zone.seat) || context.privileged() : context.takes_part();
  return allowed && narrowed(context, zone, zone.rights.put);
}

bool may_draw(Context const &context, Zone const &zone) {
  bool const allowed = zone.visibility == Visibility::owner ? context.holds(zone.seat) : context.takes_part();
  return allowed && narrowed(context, zone, zone.rights.take);
}

bool may_deal_into(Context const &context, Zone const &zone) { return narrowed(context, zone, zone.rights.put); }

bool can_name(Context const &context, Zone const &zone) {
  return sees_whole(context.state, zone, context.actor) ||
         (zone.visibility == Visibility::hidden && context.privileged());
}

bool is_on_turn(Context const &context) {
  auto const &turn = context.state.turn;
  if (!context.state.turn_enforced || context.holds(turn.active)) return true;
  bool const in_order =
      std::ranges::any_of(turn.order, [&](SeatId const &seat) { return context.state.holds(context.actor, seat); });
  return !in_order && context.privileged();
}

}  // namespace tableforge::table
