#include "tableforge/table/decide.hpp"

#include <algorithm>

#include "table/rules.hpp"

namespace tableforge::table {

namespace {

std::optional<Rejection> broken(State const &state, Precondition const &wanted) {
  if (wanted.zone.has_value() != wanted.version.has_value() || wanted.zone.has_value() == wanted.seq.has_value()) {
    return Rejection{Reject::bad_request, "a precondition is either zone and version, or seq"};
  }
  if (wanted.seq) {
    if (static_cast<Seq>(*wanted.seq) == state.seq) return std::nullopt;
    return Rejection{Reject::conflict, "the table has moved on"};
  }
  auto const *zone = state.find_zone(*wanted.zone);
  if (zone == nullptr) return Rejection{Reject::not_found, "there is no such zone"};
  if (static_cast<Seq>(*wanted.version) == zone->version) return std::nullopt;
  return Rejection{Reject::conflict, "the zone has changed"};
}

}  // namespace

std::expected<Event, Rejection> decide(State const &state, Action const &action, Time now, Chance &chance) {
  auto const role = state.role_of(action.by);
  bool const joins = std::holds_alternative<PlayerJoin>(action.operation);
  if (!role && !joins) return refuse(Reject::forbidden, "only who has joined the table can act at it");
  if (action.precondition) {
    if (auto const failed = broken(state, *action.precondition)) return std::unexpected(*failed);
  }
  Context const context{.state = state, .actor = action.by, .role = role.value_or(Role::spectator), .chance = chance};
  auto change =
      std::visit([&](auto const &operation) { return decide_operation(context, operation); }, action.operation);
  if (!change) return std::unexpected(change.error());
  return Event{.seq = state.seq + 1,
               .at = std::max(now, state.at),
               .by = action.by,
               .client = action.client,
               .action = action.id,
               .fingerprint = action.client.value.empty() ? 0 : fingerprint(action),
               .change = std::move(*change)};
}

}  // namespace tableforge::table
