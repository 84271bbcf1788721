#include <algorithm>
#include <unordered_set>

#include "tableforge/table/project.hpp"

#include "table/backs.hpp"
#include "table/movement.hpp"
#include "table/rules.hpp"

namespace tableforge::table {

namespace {

struct Located {
  Piece const *piece;
  Zone const *zone;
};

/// The piece and its zone, if the actor can name it.
std::optional<Located> locate(Context const &context, PieceId id) {
  auto const *piece = context.state.find_piece(id);
  if (piece == nullptr) return std::nullopt;
  auto const *zone = context.state.find_zone(piece->zone);
  if (!can_name(context, *zone)) return std::nullopt;
  return Located{piece, zone};
}

bool repeats(std::vector<PieceId> const &pieces) {
  std::unordered_set<PieceId> const distinct(pieces.begin(), pieces.end());
  return distinct.size() != pieces.size();
}

std::unexpected<Rejection> named_twice() { return refuse(Reject::bad_request, "a piece is named twice"); }
std::unexpected<Rejection> is_locked() { return refuse(Reject::locked, "the piece is locked"); }

}  // namespace

Decision decide_operation(Context const &context, PieceCreate const &create) {
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner creates pieces");
  if (context.state.pieces.size() + create.pieces.size() > kPiecesMax) {
    return refuse(Reject::full, "the table has too many pieces");
  }
  std::unordered_map<ZoneId, std::int64_t> sizes;
  PieceCreated change;
  std::vector<Passage> passages;
  for (auto const &spec : create.pieces) {
    auto const *zone = context.state.find_zone(spec.zone);
    if (zone == nullptr) return no_such_zone();
    auto &size = sizes.try_emplace(spec.zone, static_cast<std::int64_t>(zone->order.size())).first->second;
    if (zone->capacity && size >= *zone->capacity) return refuse(Reject::full, "the zone is full");
    Piece piece{.kind = spec.kind,
                .zone = spec.zone,
                .face = spec.face,
                .back = spec.back,
                .label = spec.label.value_or(""),
                .side = spec.side.value_or(
                    zone->visibility == Visibility::hidden && spec.kind == PieceKind::card ? Side::back : Side::front),
                .locked = spec.locked.value_or(false),
                .x = zone->ordered() ? 0 : spec.x.value_or(0),
                .y = zone->ordered() ? 0 : spec.y.value_or(0),
                .rotation = spec.rotation.value_or(0)};
    change.pieces.push_back(
        {.id = context.chance.piece_id(),
         .piece = std::move(piece),
         .index = zone->ordered() ? std::optional(std::min(spec.index.value_or(size), size)) : std::nullopt,
         .sight = sight_of(context.state, *zone)});
    passages.push_back({.back = spec.back, .from = nullptr, .to = zone});
    ++size;
  }
  change.backs = untold_backs(context.state, passages);
  return change;
}

Decision decide_operation(Context const &context, PieceMove const &move) {
  std::vector<PieceId> named;
  named.reserve(move.moves.size());
  for (auto const &each : move.moves) named.push_back(each.piece);
  if (repeats(named)) return named_twice();
  if (!is_on_turn(context)) return refuse(Reject::not_your_turn, "it is not your turn");

  Movement movement(context);
  for (auto const &each : move.moves) {
    auto const located = locate(context, each.piece);
    if (!located) return no_such_piece();
    auto const *to = context.state.find_zone(each.to.zone);
    if (to == nullptr) return no_such_zone();
    if (!may_take(context, *located->zone)) return refuse(Reject::forbidden, "you may not take from that zone");
    if (to != located->zone && !may_put(context, *to)) {
      return refuse(Reject::forbidden, "you may not put into that zone");
    }
    if (located->piece->locked) return is_locked();
    auto const failed = movement.add(
        each.piece, *located->piece, *located->zone, *to,
        {.index = each.to.index, .x = each.to.x, .y = each.to.y, .rotation = each.rotation, .side = each.side});
    if (failed) return std::unexpected(*failed);
  }
  return std::move(movement).done();
}

Decision decide_operation(Context const &context, PieceTurn const &turn) {
  if (repeats(turn.pieces)) return named_twice();
  if (!is_on_turn(context)) return refuse(Reject::not_your_turn, "it is not your turn");
  PieceTurned change;
  for (auto const id : turn.pieces) {
    auto const located = locate(context, id);
    if (!located) return no_such_piece();
    auto const &[piece, zone] = *located;
    if (!may_touch(context, *zone)) return refuse(Reject::forbidden, "you may not touch pieces in that zone");
    if (piece->locked) return is_locked();
    auto const other = piece->side == Side::front ? Side::back : Side::front;
    auto const side = turn.side == Turnover::other ? other : turn.side == Turnover::front ? Side::front : Side::back;
    auto group = std::ranges::find_if(change.groups, [&](auto const &each) { return each.zone == zone->id; });
    if (group == change.groups.end()) {
      change.groups.push_back({.zone = zone->id,
                               .sight = sight_of(context.state, *zone),
                               .private_zone = zone->visibility == Visibility::owner,
                               .pieces = {}});
      group = change.groups.end() - 1;
    }
    group->pieces.push_back({.piece = id, .side = side, .face = piece->face});
  }
  return change;
}

Decision decide_operation(Context const &context, PieceUpdate const &update) {
  auto const located = locate(context, update.piece);
  if (!located) return no_such_piece();
  auto const &[piece, zone] = *located;
  auto const &set = update.set;
  if (!set.face && !set.label && !set.locked) {
    return refuse(Reject::bad_request, "nothing to set: give face, label or locked");
  }
  if (!context.privileged()) {
    if (set.face || set.locked) {
      return refuse(Reject::forbidden, "only the gm or the owner sets a face or a lock");
    }
    if (!may_touch(context, *zone)) return refuse(Reject::forbidden, "you may not touch pieces in that zone");
    if (piece->locked) return is_locked();
  }
  return PieceUpdated{.piece = update.piece,
                      .zone = zone->id,
                      .sight = sight_of(context.state, *zone),
                      .face_shown = shows_face(*zone, *piece),
                      .face = set.face,
                      .label = set.label,
                      .locked = set.locked};
}

Decision decide_operation(Context const &context, PieceRemove const &remove) {
  if (!context.privileged()) return refuse(Reject::forbidden, "only the gm or the owner removes pieces");
  if (repeats(remove.pieces)) return named_twice();
  PieceRemoved change;
  std::vector<Passage> passages;
  for (auto const id : remove.pieces) {
    auto const located = locate(context, id);
    if (!located) return no_such_piece();
    change.pieces.push_back({.piece = id, .zone = located->zone->id, .sight = sight_of(context.state, *located->zone)});
    passages.push_back({.back = located->piece->back, .from = located->zone, .to = nullptr});
  }
  change.backs = untold_backs(context.state, passages);
  return change;
}

}  // namespace tableforge::table
