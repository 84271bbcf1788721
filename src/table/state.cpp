#include "tableforge/table/state.hpp"

#include <algorithm>

#include "tableforge/base/heap_bytes.hpp"
#include "tableforge/base/stable_hash.hpp"

namespace tableforge::table {

namespace {

template <class List, class Key>
auto *find_in(List &list, Key const &id) {
  auto const found = std::ranges::find_if(list, [&](auto const &each) { return each.id == id; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

Player const *State::find_player(PlayerId player) const { return find_in(players, player); }
Seat const *State::find_seat(SeatId const &seat) const { return find_in(seats, seat); }
Zone const *State::find_zone(ZoneId const &zone) const { return find_in(zones, zone); }
Counter const *State::find_counter(CounterId const &counter) const { return find_in(counters, counter); }
Player *State::find_player(PlayerId player) { return find_in(players, player); }
Seat *State::find_seat(SeatId const &seat) { return find_in(seats, seat); }
Zone *State::find_zone(ZoneId const &zone) { return find_in(zones, zone); }
Counter *State::find_counter(CounterId const &counter) { return find_in(counters, counter); }

Piece const *State::find_piece(PieceId piece) const { return pieces.find(piece); }
Piece *State::find_piece(PieceId piece) { return pieces.find(piece); }

std::optional<Role> State::role_of(PlayerId player) const {
  auto const *found = find_player(player);
  return found == nullptr ? std::nullopt : std::optional(found->role);
}

bool State::seated(PlayerId player) const {
  return std::ranges::any_of(seats, [&](Seat const &seat) { return seat.player == player; });
}

bool State::holds(PlayerId player, SeatId const &seat) const {
  auto const *found = find_seat(seat);
  return found != nullptr && found->player == player;
}

Remembered const *State::find_remembered(PlayerId player, ClientId const &client, ActionId const &action) const {
  auto const of_client = std::ranges::find_if(
      memory, [&](ClientMemory const &each) { return each.player == player && each.client == client; });
  if (of_client == memory.end()) return nullptr;
  auto const hash = id_hash(action);
  // Newest first, because a repeat usually follows its original closely.
  auto const &actions = of_client->actions;
  auto const found =
      std::find_if(actions.rbegin(), actions.rend(), [&](auto const &each) { return each.id_hash == hash; });
  return found == actions.rend() ? nullptr : &*found;
}

std::size_t State::held_bytes() const {
  return held_heap_bytes(name) + held_heap_bytes(system) + held_heap_bytes(players) + held_heap_bytes(seats) +
         held_heap_bytes(zones) + pieces.held_bytes() + held_heap_bytes(counters) + held_heap_bytes(turn) +
         held_heap_bytes(chat) + held_heap_bytes(memory);
}

std::uint64_t id_hash(ActionId const &action) { return StableHash{}.add(action.value).value(); }

}  // namespace tableforge::table
