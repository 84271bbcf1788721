#include <algorithm>

#include "tableforge/table/dice.hpp"

#include "table/rules.hpp"

namespace tableforge::table {

Decision decide_operation(Context const &context, DiceRoll const &request) {
  if (!context.takes_part()) return refuse(Reject::forbidden, "only who sits at the table rolls dice");
  DiceRolled change{
      .notation = request.notation, .reason = request.reason, .to = request.to, .readers = {}, .dice = {}, .total = 0};
  switch (request.to) {
    case RollAudience::all: break;
    case RollAudience::self: change.readers.push_back(context.actor); break;
    case RollAudience::gm:
      for (auto const &player : context.state.players) {
        if (player.role == Role::gm) change.readers.push_back(player.id);
      }
      if (change.readers.empty()) return refuse(Reject::not_found, "this table has no gm to roll for");
      break;
  }
  auto rolled = roll(request.notation, context.chance);
  if (!rolled) return std::unexpected(rolled.error());
  change.dice = std::move(rolled->dice);
  change.total = rolled->total;
  return change;
}

Decision decide_operation(Context const &, ChatSay const &say) { return ChatSaid{.text = say.text}; }

Decision decide_operation(Context const &context, ChatWhisper const &whisper) {
  if (context.role == Role::spectator) return refuse(Reject::forbidden, "a spectator cannot whisper");
  auto to = whisper.to;
  for (auto const &player : to) {
    if (!context.state.role_of(player)) return refuse(Reject::not_found, "there is no such player at this table");
  }
  to.push_back(context.actor);
  std::ranges::sort(to);
  auto const repeated = std::ranges::unique(to);
  to.erase(repeated.begin(), repeated.end());
  return ChatWhispered{.to = std::move(to), .text = whisper.text};
}

}  // namespace tableforge::table
