#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tableforge/table/action.hpp"

/// Operations in one line, with what a client may leave out left out.
namespace tableforge::table::test {

inline SeatTake seat_take(std::string seat) {
  SeatTake op;
  op.seat = SeatId(std::move(seat));
  return op;
}

inline SeatLeave seat_leave(std::string seat) {
  SeatLeave op;
  op.seat = SeatId(std::move(seat));
  return op;
}

inline SeatAssign seat_assign(std::string seat, std::optional<PlayerId> player) {
  SeatAssign op;
  op.seat = SeatId(std::move(seat));
  op.player.value = player;
  return op;
}

inline RoleGrant role_grant(PlayerId player, Role role) {
  RoleGrant op;
  op.player = player;
  op.role = role;
  return op;
}

inline TableConfigure name_table(std::string name) {
  TableConfigure op;
  op.name = std::move(name);
  return op;
}

inline TableConfigure enforce_turns(bool enforced) {
  TableConfigure op;
  op.turn_enforced = enforced;
  return op;
}

inline PieceSpec spec(std::string zone, std::string face, std::string back = "blue", PieceKind kind = PieceKind::card) {
  PieceSpec each;
  each.kind = kind;
  each.zone = ZoneId(std::move(zone));
  each.face = std::move(face);
  each.back = std::move(back);
  return each;
}

inline PieceCreate create(std::vector<PieceSpec> pieces) {
  PieceCreate op;
  op.pieces = std::move(pieces);
  return op;
}

inline MoveSpec to_zone(PieceId piece, std::string zone, std::optional<std::int64_t> index = {},
                        std::optional<Side> side = {}) {
  MoveSpec each;
  each.piece = piece;
  each.to.zone = ZoneId(std::move(zone));
  each.to.index = index;
  each.side = side;
  return each;
}

inline MoveSpec to_place(PieceId piece, std::string zone, double x, double y) {
  auto each = to_zone(piece, std::move(zone));
  each.to.x = x;
  each.to.y = y;
  return each;
}

inline PieceMove moves(std::vector<MoveSpec> each) {
  PieceMove op;
  op.moves = std::move(each);
  return op;
}

inline PieceMove move(PieceId piece, std::string zone, std::optional<std::int64_t> index = {},
                      std::optional<Side> side = {}) {
  return moves({to_zone(piece, std::move(zone), index, side)});
}

inline PieceTurn turn(std::vector<PieceId> pieces, Turnover side = Turnover::other) {
  PieceTurn op;
  op.pieces = std::move(pieces);
  op.side = side;
  return op;
}

inline PieceUpdate set_face(PieceId piece, std::string face) {
  PieceUpdate op;
  op.piece = piece;
  op.set.face = std::move(face);
  return op;
}

inline PieceUpdate set_label(PieceId piece, std::string label) {
  PieceUpdate op;
  op.piece = piece;
  op.set.label = std::move(label);
  return op;
}

inline PieceUpdate set_locked(PieceId piece, bool locked) {
  PieceUpdate op;
  op.piece = piece;
  op.set.locked = locked;
  return op;
}

inline PieceRemove remove(std::vector<PieceId> pieces) {
  PieceRemove op;
  op.pieces = std::move(pieces);
  return op;
}

inline ZoneCreate zone_create(std::string id, ZoneKind kind, Visibility visibility,
                              std::optional<std::string> seat = {}) {
  ZoneCreate op;
  op.zone.id = ZoneId(std::move(id));
  op.zone.kind = kind;
  op.zone.visibility = visibility;
  if (seat) op.zone.seat = SeatId(std::move(*seat));
  return op;
}

inline ZoneRemove zone_remove(std::string zone) {
  ZoneRemove op;
  op.zone = ZoneId(std::move(zone));
  return op;
}

inline ZoneShuffle shuffle_zone(std::string zone) {
  ZoneShuffle op;
  op.zone = ZoneId(std::move(zone));
  return op;
}

inline ZoneDraw draw(std::string from, std::optional<std::string> to = {}, std::int64_t count = 1,
                     std::optional<Side> side = {}) {
  ZoneDraw op;
  op.from = ZoneId(std::move(from));
  if (to) op.to = ZoneId(std::move(*to));
  op.count = count;
  op.side = side;
  return op;
}

inline ZoneDeal deal(std::string from, std::vector<std::string> to, std::int64_t count = 1,
                     std::optional<Side> side = {}) {
  ZoneDeal op;
  op.from = ZoneId(std::move(from));
  for (auto &each : to) op.to.emplace_back(std::move(each));
  op.count = count;
  op.side = side;
  return op;
}

inline ZonePeek peek(std::string zone, std::int64_t count) {
  ZonePeek op;
  op.zone = ZoneId(std::move(zone));
  op.count = count;
  return op;
}

inline Audience everybody() { return {.all = true, .players = {}}; }
inline Audience only(std::vector<PlayerId> players) { return {.all = false, .players = std::move(players)}; }

inline ZoneReveal reveal_zone(std::string zone, Audience to) {
  ZoneReveal op;
  op.zone = ZoneId(std::move(zone));
  op.to = std::move(to);
  return op;
}

inline ZoneReveal reveal_pieces(std::vector<PieceId> pieces, Audience to) {
  ZoneReveal op;
  op.pieces = std::move(pieces);
  op.to = std::move(to);
  return op;
}

inline CounterCreate counter_create(std::string counter, std::int64_t value, std::optional<std::string> seat = {},
                                    std::optional<std::int64_t> min = {}) {
  CounterCreate op;
  op.counter = CounterId(std::move(counter));
  op.value = value;
  op.min = min;
  if (seat) op.seat = SeatId(std::move(*seat));
  return op;
}

inline CounterSet counter_set(std::string counter, std::int64_t value) {
  CounterSet op;
  op.counter = CounterId(std::move(counter));
  op.value = value;
  return op;
}

inline CounterAdd counter_add(std::string counter, std::int64_t delta) {
  CounterAdd op;
  op.counter = CounterId(std::move(counter));
  op.delta = delta;
  return op;
}

inline CounterTransfer transfer(std::string from, std::string to, std::int64_t amount) {
  CounterTransfer op;
  op.from = CounterId(std::move(from));
  op.to = CounterId(std::move(to));
  op.amount = amount;
  return op;
}

inline TurnOrder turn_order(std::vector<std::string> seats) {
  TurnOrder op;
  for (auto &seat : seats) op.seats.emplace_back(std::move(seat));
  return op;
}

inline TurnSet turn_set(std::string seat, std::optional<std::string> phase = {}) {
  TurnSet op;
  op.seat = SeatId(std::move(seat));
  op.phase = std::move(phase);
  return op;
}

inline DiceRoll dice_roll(std::string notation, RollAudience to = RollAudience::all,
                          std::optional<std::string> reason = {}) {
  DiceRoll op;
  op.notation = std::move(notation);
  op.to = to;
  op.reason = std::move(reason);
  return op;
}

inline ChatSay say(std::string text) {
  ChatSay op;
  op.text = std::move(text);
  return op;
}

inline ChatWhisper whisper(std::vector<PlayerId> to, std::string text) {
  ChatWhisper op;
  op.to = std::move(to);
  op.text = std::move(text);
  return op;
}

inline PlayerJoin player_join(std::string name, Role role) {
  PlayerJoin op;
  op.name = std::move(name);
  op.role = role;
  return op;
}

}  // namespace tableforge::table::test
