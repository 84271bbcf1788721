#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "tableforge/table/project.hpp"

#include "table/movement.hpp"
#include "table/rules.hpp"
#include "table/shuffling.hpp"

namespace tableforge::table {

namespace {

/// The hand that "my hand" means: the one zone of kind hand on a seat the actor holds.
Zone const *own_hand(Context const &context) {
  Zone const *hand = nullptr;
  for (auto const &zone : context.state.zones) {
    if (zone.kind != ZoneKind::hand || !context.holds(zone.seat)) continue;
    if (hand != nullptr) return nullptr;
    hand = &zone;
  }
  return hand;
}

/// The pieces a draw of `count` takes, in order: from the top, or at random out of a bag.
std::expected<std::vector<PieceId>, Rejection> drawn(Context const &context, Zone const &from, std::size_t count) {
  if (from.order.empty()) return refuse(Reject::empty, "the zone is empty");
  if (from.order.size() < count) return refuse(Reject::insufficient, "the zone has fewer pieces than asked for");
  auto order = from.order;
  if (from.kind == ZoneKind::bag) shuffle(order, context.chance);
  order.resize(count);
  return order;
}

std::vector<KnownFace> faces_of(State const &state, std::span<PieceId const> pieces) {
  std::vector<KnownFace> known;
  known.reserve(pieces.size());
  for (auto const id : pieces) known.push_back({.id = id, .face = state.find_piece(id)->face});
  return known;
}

}  // namespace

Decision decide_operation(Context const &context, ZoneCreate const &create) {
  auto const &spec = create.zone;
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner creates zones");
  if (context.state.find_zone(spec.id) != nullptr) return refuse(Reject::conflict, "there is a zone of that name");
  if (context.state.zones.size() >= kZonesMax) return refuse(Reject::full, "the table has too many zones");
  if (spec.seat && context.state.find_seat(*spec.seat) == nullptr) {
    return refuse(Reject::not_found, "there is no such seat");
  }
  if (spec.visibility == Visibility::owner && !spec.seat) {
    return refuse(Reject::bad_request, "a zone seen by its owner needs a seat");
  }
  return ZoneCreated{.zone = {.id = spec.id,
                              .kind = spec.kind,
                              .visibility = spec.visibility,
                              .seat = spec.seat,
                              .capacity = spec.capacity,
                              .rights = {.take = spec.take.value_or(Right::all),
                                         .put = spec.put.value_or(Right::all),
                                         .touch = spec.touch.value_or(Right::all)},
                              .version = 0,
                              .order = {}}};
}

Decision decide_operation(Context const &context, ZoneRemove const &remove) {
  auto const *zone = context.state.find_zone(remove.zone);
  if (zone == nullptr) return no_such_zone();
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner removes zones");
  if (!zone->order.empty()) return refuse(Reject::conflict, "the zone still holds pieces: move or remove them first");
  return ZoneRemoved{.zone = remove.zone};
}

Decision decide_operation(Context const &context, ZoneShuffle const &request) {
  auto const *zone = context.state.find_zone(request.zone);
  if (zone == nullptr) return no_such_zone();
  if (!may_touch(context, *zone)) return refuse(Reject::forbidden, "you may not shuffle that zone");
  if (!zone->ordered()) return refuse(Reject::bad_request, "a board has no order to shuffle");
  ZoneShuffled change{.zone = zone->id, .sight = sight_of(context.state, *zone), .was = {}, .ids = {}, .shown = {}};
  change.was.resize(zone->order.size());
  std::iota(change.was.begin(), change.was.end(), 0);
  shuffle(change.was, context.chance);
  for (auto const was : change.was) {
    change.ids.push_back(context.chance.piece_id());
    if (!change.sight.nobody()) {
      change.shown.push_back(*context.state.find_piece(zone->order[static_cast<std::size_t>(was)]));
    }
  }
  return change;
}

Decision decide_operation(Context const &context, ZoneDraw const &draw) {
  auto const *from = context.state.find_zone(draw.from);
  if (from == nullptr) return no_such_zone();
  auto const *to = draw.to ? context.state.find_zone(*draw.to) : own_hand(context);
  if (to == nullptr) {
    return draw.to ? Decision(no_such_zone())
                   : refuse(Reject::bad_request, "you have no one hand to draw to: say `to`");
  }
  if (from == to) return refuse(Reject::bad_request, "from and to are the same zone");
  if (!may_draw(context, *from)) return refuse(Reject::forbidden, "you may not take from that zone");
  if (!may_put(context, *to)) return refuse(Reject::forbidden, "you may not put into that zone");
  if (!is_on_turn(context)) return refuse(Reject::not_your_turn, "it is not your turn");
  auto const pieces = drawn(context, *from, static_cast<std::size_t>(draw.count));
  if (!pieces) return std::unexpected(pieces.error());

  Movement movement(context);
  for (auto const id : *pieces) {
    auto const &piece = *context.state.find_piece(id);
    if (piece.locked) return refuse(Reject::locked, "a piece on the way is locked");
    if (auto const failed =
            movement.add(id, piece, *from, *to, {.index = {}, .x = {}, .y = {}, .rotation = {}, .side = draw.side})) {
      return std::unexpected(*failed);
    }
  }
  return std::move(movement).done();
}

Decision decide_operation(Context const &context, ZoneDeal const &deal) {
  auto const *from = context.state.find_zone(deal.from);
  if (from == nullptr) return no_such_zone();
  std::vector<Zone const *> targets;
  for (auto const &id : deal.to) {
    auto const *zone = context.state.find_zone(id);
    if (zone == nullptr) return no_such_zone();
    if (zone == from || std::ranges::find(targets, zone) != targets.end()) {
      return refuse(Reject::bad_request, "a zone is named twice");
    }
    targets.push_back(zone);
  }
  bool const active = context.holds(context.state.turn.active);
  if (!context.privileged() && !active) {
    return refuse(Reject::forbidden, "only the gm, the owner or the active seat deals");
  }
  if (!may_draw(context, *from)) return refuse(Reject::forbidden, "you may not take from that zone");
  if (!std::ranges::all_of(targets, [&](Zone const *to) { return may_deal_into(context, *to); })) {
    return refuse(Reject::forbidden, "you may not put into that zone");
  }
  if (!is_on_turn(context)) return refuse(Reject::not_your_turn, "it is not your turn");
  auto const total = static_cast<std::size_t>(deal.count) * targets.size();
  if (total > static_cast<std::size_t>(kPiecesPerActionMax)) {
    return refuse(Reject::bad_request, "that deals too many pieces at once");
  }
  auto const pieces = drawn(context, *from, total);
  if (!pieces) return std::unexpected(pieces.error());

  // Round by round, as a person deals: so whoever watches the deck can tell who got which of its cards.
  Movement movement(context);
  for (std::size_t i = 0; i < pieces->size(); ++i) {
    auto const id = (*pieces)[i];
    auto const &piece = *context.state.find_piece(id);
    if (piece.locked) return refuse(Reject::locked, "a piece on the way is locked");
    auto const failed = movement.add(id, piece, *from, *targets[i % targets.size()],
                                     {.index = {}, .x = {}, .y = {}, .rotation = {}, .side = deal.side});
    if (failed) return std::unexpected(*failed);
  }
  return std::move(movement).done();
}

Decision decide_operation(Context const &context, ZonePeek const &peek) {
  auto const *zone = context.state.find_zone(peek.zone);
  if (zone == nullptr) return no_such_zone();
  if (context.role != Role::gm && !context.holds(zone->seat)) {
    return refuse(Reject::forbidden, "only the gm or the zone's owner peeks");
  }
  if (zone->order.empty()) return refuse(Reject::empty, "the zone is empty");
  auto const count = std::min(static_cast<std::size_t>(peek.count), zone->order.size());
  return ZonePeeked{
      .zone = zone->id, .by = context.actor, .known = faces_of(context.state, std::span(zone->order).first(count))};
}

Decision decide_operation(Context const &context, ZoneReveal const &reveal) {
  if (reveal.zone.has_value() == reveal.pieces.has_value()) {
    return refuse(Reject::bad_request, "give either zone or pieces");
  }
  for (auto const &player : reveal.to.players) {
    if (!context.state.role_of(player)) return refuse(Reject::not_found, "there is no such player at this table");
  }
  std::vector<PieceId> pieces;
  Zone const *zone = nullptr;
  if (reveal.zone) {
    zone = context.state.find_zone(*reveal.zone);
    if (zone == nullptr) return no_such_zone();
    if (!sees_whole(context.state, *zone, context.actor)) {
      return refuse(Reject::forbidden, "you cannot reveal what you do not see");
    }
    if (zone->order.empty()) return refuse(Reject::empty, "the zone is empty");
    pieces = zone->order;
  } else {
    pieces = *reveal.pieces;
    if (std::unordered_set(pieces.begin(), pieces.end()).size() != pieces.size()) {
      return refuse(Reject::bad_request, "a piece is named twice");
    }
    for (auto const id : pieces) {
      auto const *piece = context.state.find_piece(id);
      auto const *lies_in = piece == nullptr ? nullptr : context.state.find_zone(piece->zone);
      if (lies_in == nullptr || !sees_whole(context.state, *lies_in, context.actor)) return no_such_piece();
      if (zone != nullptr && zone != lies_in) return refuse(Reject::bad_request, "the pieces lie in several zones");
      zone = lies_in;
    }
  }
  for (auto const id : pieces) {
    if (!shows_face(*zone, *context.state.find_piece(id))) {
      return refuse(Reject::forbidden, "you cannot reveal what you do not see");
    }
  }
  return ZoneRevealed{.zone = zone->id, .to = reveal.to, .by = context.actor, .known = faces_of(context.state, pieces)};
}

}  // namespace tableforge::table
