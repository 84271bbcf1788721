#include "tableforge/table/system.hpp"

#include <algorithm>

#include "table/rules.hpp"
#include "table/shuffling.hpp"

namespace tableforge::table {

namespace {

std::string for_seat(std::string text, SeatId const &seat) {
  for (auto at = text.find(kSeatPlaceholder); at != std::string::npos; at = text.find(kSeatPlaceholder, at)) {
    text.replace(at, kSeatPlaceholder.size(), seat.value);
    at += seat.value.size();
  }
  return text;
}

bool per_seat(std::string_view text) { return text.find(kSeatPlaceholder) != std::string_view::npos; }

/// Calls f(id, seat) once, or once for each seat if the id has the placeholder.
template <class F>
void for_each_seat(std::vector<Seat> const &seats, std::string const &id, F &&f) {
  if (!per_seat(id)) return f(id, std::optional<SeatId>());
  for (auto const &seat : seats) f(for_seat(id, seat.id), std::optional(seat.id));
}

std::expected<std::vector<Seat>, Rejection> seats_of(GameSystem const &system, std::optional<std::int64_t> wanted) {
  std::vector<Seat> seats;
  if (system.seats) {
    if (wanted && *wanted != static_cast<std::int64_t>(system.seats->size())) {
      return refuse(Reject::bad_request, "this game system has a fixed number of seats");
    }
    for (auto const &seat : *system.seats) seats.push_back({.id = seat.id, .name = seat.name, .player = {}});
    return seats;
  }
  auto const range = system.seat_range.value_or(SeatRange{});
  auto const count = wanted.value_or(range.initial);
  if (count < range.min || count > range.max) {
    return refuse(Reject::bad_request, "this game system is not for that many seats");
  }
  for (std::int64_t i = 1; i <= count; ++i) {
    seats.push_back({.id = SeatId("s" + std::to_string(i)), .name = "Seat " + std::to_string(i), .player = {}});
  }
  return seats;
}

void lay_out_pieces(State &state, SystemPieces const &set, Chance &chance) {
  for_each_seat(state.seats, set.zone, [&](std::string const &zone_id, std::optional<SeatId> const &) {
    auto *zone = state.find_zone(ZoneId(zone_id));
    for (std::size_t i = 0; i < set.faces.size(); ++i) {
      auto const id = chance.piece_id();
      zone->order.push_back(id);
      state.pieces.insert(id, Piece{.kind = set.kind,
                                    .zone = zone->id,
                                    .face = set.faces[i],
                                    .back = set.back,
                                    .label = {},
                                    .side = set.side.value_or(Side::front),
                                    .locked = false,
                                    .x = set.x ? (*set.x)[i] : 0,
                                    .y = set.y ? (*set.y)[i] : 0,
                                    .rotation = 0});
    }
  });
}

}  // namespace

std::expected<Event, Rejection> found_table(GameSystem const &system, Founding const &founding, Time now,
                                            Chance &chance) {
  auto seats = seats_of(system, founding.seats);
  if (!seats) return std::unexpected(seats.error());
  State state{.id = founding.id,
              .name = founding.name,
              .system = {.id = system.id, .version = system.version},
              .listing = founding.listing,
              .grid = system.grid,
              .turn_enforced = system.turn_enforced,
              .created_at = now,
              .players = {{.id = founding.owner, .name = founding.owner_name, .role = Role::owner}},
              .seats = std::move(*seats),
              .zones = {},
              .pieces = {},
              .counters = {},
              .turn = {},
              .chat = {},
              .memory = {},
              .seq = 0,
              .at = now};
  for (auto const &spec : system.zones) {
    for_each_seat(state.seats, spec.id, [&](std::string const &id, std::optional<SeatId> const &seat) {
      state.zones.push_back({.id = ZoneId(id),
                             .kind = spec.kind,
                             .visibility = spec.visibility,
                             .seat = seat,
                             .capacity = spec.capacity,
                             .rights = {.take = spec.take.value_or(Right::all),
                                        .put = spec.put.value_or(Right::all),
                                        .touch = spec.touch.value_or(Right::all)},
                             .version = 1,
                             .order = {}});
    });
  }
  for (auto const &set : system.pieces) lay_out_pieces(state, set, chance);
  for (auto const &spec : system.zones) {
    if (!spec.shuffled.value_or(false)) continue;
    for_each_seat(state.seats, spec.id, [&](std::string const &id, std::optional<SeatId> const &) {
      shuffle(state.find_zone(ZoneId(id))->order, chance);
    });
  }
  for (auto const &spec : system.counters) {
    for_each_seat(state.seats, spec.id, [&](std::string const &id, std::optional<SeatId> const &seat) {
      state.counters.push_back({.id = CounterId(id), .seat = seat, .value = spec.value, .min = spec.min.value_or(0)});
    });
  }
  for (auto const &seat : state.seats) state.turn.order.push_back(seat.id);
  if (!state.turn.order.empty()) state.turn.active = state.turn.order.front();
  return Event{.seq = 1,
               .at = now,
               .by = founding.owner,
               .client = {},
               .action = {},
               .fingerprint = 0,
               .change = TableCreated{.state = std::make_shared<State const>(std::move(state))}};
}

}  // namespace tableforge::table
