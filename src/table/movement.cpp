#include "table/movement.hpp"

#include <algorithm>

#include "tableforge/table/project.hpp"

namespace tableforge::table {

namespace {

/// Where a piece lands that names no place: nowhere new if it stays, at the end of a hand, on top of what is stacked.
std::optional<std::int64_t> landing(Zone const &from, Zone const &to, std::optional<std::int64_t> wanted,
                                    std::int64_t others) {
  if (wanted) return std::min(*wanted, others);
  if (&from == &to) return std::nullopt;
  switch (to.kind) {
    case ZoneKind::board:
    case ZoneKind::hand: return others;
    case ZoneKind::deck:
    case ZoneKind::pile:
    case ZoneKind::bag: return 0;
  }
  return 0;
}

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
            .index = landing(from, to, lay.index, size),
            .x = 0,
            .y = 0,
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
  moves_.push_back(std::move(move));
  if (!stays) passages_.push_back({.back = piece.back, .from = &from, .to = &to});
  return std::nullopt;
}

}  // namespace tableforge::table
