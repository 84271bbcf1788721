#include <algorithm>

#include "table/rules.hpp"

namespace tableforge::table {

Decision decide_operation(Context const &context, TurnOrder const &order) {
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner sets the turn order");
  for (std::size_t i = 0; i < order.seats.size(); ++i) {
    if (context.state.find_seat(order.seats[i]) == nullptr) return refuse(Reject::not_found, "there is no such seat");
    if (std::find(order.seats.begin(), order.seats.begin() + static_cast<std::ptrdiff_t>(i), order.seats[i]) !=
        order.seats.begin() + static_cast<std::ptrdiff_t>(i)) {
      return refuse(Reject::bad_request, "a seat stands in the turn order once");
    }
  }
  auto turn = context.state.turn;
  turn.order = order.seats;
  bool const active_stays = turn.active && std::ranges::find(turn.order, *turn.active) != turn.order.end();
  if (!active_stays) turn.active = turn.order.empty() ? std::nullopt : std::optional(turn.order.front());
  return TurnChanged{.turn = std::move(turn)};
}

Decision decide_operation(Context const &context, TurnSet const &set) {
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner sets the turn");
  auto turn = context.state.turn;
  if (std::ranges::find(turn.order, set.seat) == turn.order.end()) {
    return refuse(Reject::not_found, "the seat is not in the turn order");
  }
  turn.active = set.seat;
  turn.phase = set.phase;
  return TurnChanged{.turn = std::move(turn)};
}

Decision decide_operation(Context const &context, TurnNext const &) {
  auto turn = context.state.turn;
  if (turn.order.empty()) return refuse(Reject::empty, "there is no turn order: set one with turn.order");
  if (!context.privileged() && !context.holds(turn.active)) {
    return context.takes_part() ? refuse(Reject::not_your_turn, "it is not your turn")
                                : refuse(Reject::forbidden, "only who takes part can end a turn");
  }
  if (!is_on_turn(context)) return refuse(Reject::not_your_turn, "it is not your turn");
  auto const at = turn.active ? std::ranges::find(turn.order, *turn.active) : turn.order.end();
  bool const wraps = at == turn.order.end() || at + 1 == turn.order.end();
  if (wraps && turn.active) ++turn.round;
  turn.active = wraps ? turn.order.front() : *(at + 1);
  turn.phase.reset();
  return TurnChanged{.turn = std::move(turn)};
}

}  // namespace tableforge::table
