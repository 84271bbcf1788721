#include <algorithm>

#include "tableforge/base/check.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/limits.hpp"

namespace tableforge::table {

namespace {

void insert_at(std::vector<PieceId> &order, std::optional<std::int64_t> index, PieceId id) {
  auto const at = index ? std::min(static_cast<std::size_t>(*index), order.size()) : order.size();
  order.insert(order.begin() + static_cast<std::ptrdiff_t>(at), id);
}

/// Takes events into one state. Every zone, seat and piece that an event names exists: decide saw to it.
struct Applier {
  State &state;
  Event const &event;

  Zone &changed(ZoneId const &id) const {
    auto *zone = state.find_zone(id);
    TF_CHECK(zone != nullptr);
    zone->version = event.seq;
    return *zone;
  }

  Piece &piece(PieceId id) const {
    auto *found = state.find_piece(id);
    TF_CHECK(found != nullptr);
    return *found;
  }

  Seat &seat(SeatId const &id) const {
    auto *found = state.find_seat(id);
    TF_CHECK(found != nullptr);
    return *found;
  }

  void operator()(TableCreated const &created) const { state = *created.state; }
  void operator()(PlayerJoined const &joined) const { state.players.push_back(joined.player); }
  void operator()(SeatTaken const &taken) const { seat(taken.seat).player = taken.player; }
  void operator()(SeatLeft const &left) const { seat(left.seat).player.reset(); }
  void operator()(SeatAssigned const &assigned) const { seat(assigned.seat).player = assigned.player; }

  void operator()(RoleGranted const &granted) const {
    auto *player = state.find_player(granted.player);
    TF_CHECK(player != nullptr);
    player->role = granted.role;
    for (auto const &id : granted.vacated) seat(id).player.reset();
  }

  void operator()(TableConfigured const &configured) const {
    if (configured.name) state.name = *configured.name;
    if (configured.grid) state.grid = *configured.grid;
    if (configured.turn_enforced) state.turn_enforced = *configured.turn_enforced;
  }

  void operator()(PieceCreated const &created) const {
    for (auto const &each : created.pieces) {
      insert_at(changed(each.piece.zone).order, each.index, each.id);
      state.pieces.insert(each.id, each.piece);
    }
  }

  void operator()(PieceMoved const &moved) const {
    for (auto const &move : moved.moves) apply_move(move);
  }

  void apply_move(Move const &move) const {
    auto const id = move.new_id.value_or(move.piece);
    auto &from = changed(move.from);
    auto &to = changed(move.to);
    if (&from != &to || move.index) {
      auto const at = std::ranges::find(from.order, move.piece);
      TF_CHECK(at != from.order.end());
      from.order.erase(at);
      insert_at(to.order, move.index, id);
    }
    if (move.new_id) state.pieces.rename(move.piece, id);
    auto &moving = piece(id);
    moving.zone = move.to;
    moving.x = move.x.value_or(0);
    moving.y = move.y.value_or(0);
    moving.rotation = move.rotation;
    moving.side = move.side;
  }

  void operator()(PieceTurned const &turned) const {
    for (auto const &group : turned.groups) {
      changed(group.zone);
      for (auto const &each : group.pieces) piece(each.piece).side = each.side;
    }
  }

  void operator()(PieceUpdated const &updated) const {
    changed(updated.zone);
    auto &target = piece(updated.piece);
    if (updated.face) target.face = *updated.face;
    if (updated.label) target.label = *updated.label;
    if (updated.locked) target.locked = *updated.locked;
  }

  void operator()(PieceRemoved const &removed) const {
    for (auto const &each : removed.pieces) {
      std::erase(changed(each.zone).order, each.piece);
      state.pieces.erase(each.piece);
    }
  }

  void operator()(ZoneCreated const &created) const {
    state.zones.push_back(created.zone);
    state.zones.back().version = event.seq;
  }

  void operator()(ZoneRemoved const &removed) const {
    std::erase_if(state.zones, [&](Zone const &zone) { return zone.id == removed.zone; });
  }

  void operator()(ZoneShuffled const &shuffled) const {
    auto &zone = changed(shuffled.zone);
    TF_CHECK(zone.order.size() == shuffled.was.size() && shuffled.ids.size() == shuffled.was.size());
    for (std::size_t i = 0; i < shuffled.was.size(); ++i) {
      state.pieces.rename(zone.order[static_cast<std::size_t>(shuffled.was[i])], shuffled.ids[i]);
    }
    zone.order = shuffled.ids;
  }

  void operator()(ZonePeeked const &) const {}
  void operator()(ZoneRevealed const &) const {}

  void operator()(CounterChanged const &change) const {
    auto *counter = state.find_counter(change.counter.id);
    if (counter == nullptr) {
      state.counters.push_back(change.counter);
    } else {
      *counter = change.counter;
    }
  }

  void operator()(CounterTransferred const &transferred) const {
    auto *from = state.find_counter(transferred.from);
    auto *to = state.find_counter(transferred.to);
    TF_CHECK(from != nullptr && to != nullptr);
    from->value = transferred.from_value;
    to->value = transferred.to_value;
  }

  void operator()(TurnChanged const &turned) const { state.turn = turned.turn; }
  void operator()(DiceRolled const &) const {}

  void operator()(ChatSaid const &said) const { remember_line(std::nullopt, said.text); }
  void operator()(ChatWhispered const &whispered) const { remember_line(whispered.to, whispered.text); }

  void remember_line(std::optional<std::vector<PlayerId>> to, std::string const &text) const {
    if (state.chat.size() == kChatLinesKept) state.chat.erase(state.chat.begin());
    state.chat.push_back({.seq = event.seq,
                          .at = event.at,
                          .by = event.by.value_or(PlayerId{}),
                          .action = event.action,
                          .client = event.client,
                          .to = std::move(to),
                          .text = text});
  }
};

void remember_action(State &state, Event const &event) {
  if (!event.by || event.client.value.empty()) return;
  auto &memory = state.memory;
  auto of_client = std::ranges::find_if(
      memory, [&](ClientMemory const &each) { return each.player == *event.by && each.client == event.client; });
  if (of_client == memory.end()) {
    if (memory.size() == kClientsRemembered) {
      memory.erase(std::ranges::min_element(
          memory, {}, [](ClientMemory const &each) { return each.actions.empty() ? 0 : each.actions.back().seq; }));
    }
    memory.push_back({.player = *event.by, .client = event.client, .actions = {}});
    of_client = memory.end() - 1;
  }
  if (of_client->actions.size() == kActionsRemembered) of_client->actions.erase(of_client->actions.begin());
  of_client->actions.push_back({.id_hash = id_hash(event.action), .fingerprint = event.fingerprint, .seq = event.seq});
}

}  // namespace

void apply(State &state, Event const &event) {
  TF_CHECK(event.seq == state.seq + 1);
  std::visit(Applier{state, event}, event.change);
  remember_action(state, event);
  state.seq = event.seq;
  state.at = event.at;
}

}  // namespace tableforge::table
