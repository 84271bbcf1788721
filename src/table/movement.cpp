#include "table/movement.hpp"

#include <algorithm>

#include "tableforge/table/project.hpp"

namespace tableforge::table {

namespace {

/// A card put among hidden ones lies face down, so that drawing it later does not show it by surprise.
Side side_after(Piece const &piece, Zone const &from, Zone const &to, std::optional<Side> wanted) {
  if (wanted) return *wanted;
  bool const enters_hidden = &from != &to && to.visibility == Visibility::hidden;
  return enters_hidden && piece.kind == PieceKind::card ? Side::back : piece.side;
}

}  // namespace

std::int64_t &Movement::size_of(Zone const &zone) {
  return sizes_.try_emplace(&zone, static_cast<std::int64_t>(zone.order.size())).first->second;
}

void Movement::follow(Move const &move, Zone const &zone, Order &order) {
  if (move.from == zone.id) std::erase(order, move.piece);
  if (move.to != zone.id) return;
  auto const at = std::min(static_cast<std::size_t>(move.index.value_or(0)), order.size());
  order.insert(order.begin() + static_cast<std::ptrdiff_t>(at), move.new_id.value_or(move.piece));
}

std::int64_t Movement::place_of(PieceId id, Zone const &zone) {
  auto const [at, is_new] = orders_.try_emplace(&zone, zone.order);
  auto &order = at->second;
  if (is_new) {
    for (auto const &move : moves_) follow(move, zone, order);
  }
  return std::ranges::find(order, id) - order.begin();
}

/// Nowhere on a board; where none is named, where it stood if it stays, at the end of a hand, on top of what is
/// stacked.
std::optional<std::int64_t> Movement::landing(PieceId id, Zone const &from, Zone const &to,
                                              std::optional<std::int64_t> wanted) {
  if (!to.ordered()) return std::nullopt;
  auto const others = size_of(to);
  if (wanted) return std::min(*wanted, others);
  if (&from == &to) return place_of(id, to);
  return to.kind == ZoneKind::hand ? others : 0;
}

std::optional<Rejection> Movement::add(PieceId id, Piece const &piece, Zone const &from, Zone const &to,
                                       Lay const &lay) {
  bool const stays = &from == &to;
  --size_of(from);
  auto &size = size_of(to);
  if (to.capacity && size >= *to.capacity) return Rejection{Reject::full, "the zone is full"};

  Move move{.piece = id,
            .new_id = {},
            .from = from.id,
            .to = to.id,
            .index = landing(id, from, to, lay.index),
            .x = {},
            .y = {},
            .rotation = lay.rotation.value_or(stays || !to.ordered() ? piece.rotation : 0),
            .side = side_after(piece, from, to, lay.side),
            .before = sight_of(context_.state, from),
            .after = sight_of(context_.state, to),
            .private_after = to.visibility == Visibility::owner,
            .face = {},
            .appearance = {}};
  ++size;
  if (!to.ordered()) {
    move.x = lay.x.value_or(stays ? piece.x : 0);
    move.y = lay.y.value_or(stays ? piece.y : 0);
  }
  bool const trackable = from.visibility == Visibility::everybody && to.visibility == Visibility::everybody;
  if (!stays && !trackable) move.new_id = context_.chance.piece_id();
  if (!move.after.nobody() && (move.private_after || move.side == Side::front)) move.face = piece.face;
  bool const newly_seen =
      (move.after.all && !move.before.all) || (move.after.player && !move.before.sees(move.after.player));
  if (newly_seen) {
    move.appearance = Appearance{.kind = piece.kind, .back = piece.back, .label = piece.label, .locked = piece.locked};
  }
  for (auto &[zone, order] : orders_) follow(move, *zone, order);
  moves_.push_back(std::move(move));
  if (!stays) passages_.push_back({.back = piece.back, .from = &from, .to = &to});
  return std::nullopt;
}

}  // namespace tableforge::table
