#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/table/chance.hpp"
#include "tableforge/table/event.hpp"
#include "tableforge/table/kinds.hpp"
#include "tableforge/table/reject.hpp"
#include "tableforge/table/state.hpp"

namespace tableforge::table {

/// In the ids and names below, "{seat}" stands for each seat in turn.
inline constexpr std::string_view kSeatPlaceholder = "{seat}";

struct SystemSeat {
  SeatId id;
  std::string name;
  static constexpr auto fields() { return std::tuple{field("id", &SystemSeat::id), field("name", &SystemSeat::name)}; }
};

/// How many seats a table of this system has when it has no named ones.
struct SeatRange {
  std::int64_t min = 2;
  std::int64_t max = 12;
  std::int64_t initial = 6;
  static constexpr auto fields() {
    return std::tuple{field("min", &SeatRange::min), field("max", &SeatRange::max),
                      field("default", &SeatRange::initial)};
  }
};

struct SystemZone {
  std::string id;
  ZoneKind kind = ZoneKind::board;
  Visibility visibility = Visibility::everybody;
  std::optional<std::int64_t> capacity;
  std::optional<Right> take;
  std::optional<Right> put;
  std::optional<Right> touch;
  std::optional<bool> shuffled;  ///< Its pieces lie in random order when a table is made.
  static constexpr auto fields() {
    return std::tuple{field("id", &SystemZone::id),
                      field("kind", &SystemZone::kind),
                      field("visibility", &SystemZone::visibility),
                      field("capacity", &SystemZone::capacity),
                      field("take", &SystemZone::take),
                      field("put", &SystemZone::put),
                      field("touch", &SystemZone::touch),
                      field("shuffled", &SystemZone::shuffled)};
  }
};

/// Pieces alike but for their faces and places: one for each face.
struct SystemPieces {
  std::string zone;
  PieceKind kind = PieceKind::token;
  std::vector<std::string> faces;
  std::string back;
  std::optional<Side> side;
  std::optional<std::vector<double>> x;  ///< One per face, for a board.
  std::optional<std::vector<double>> y;
  static constexpr auto fields() {
    return std::tuple{field("zone", &SystemPieces::zone),   field("kind", &SystemPieces::kind),
                      field("faces", &SystemPieces::faces), field("back", &SystemPieces::back),
                      field("side", &SystemPieces::side),   field("x", &SystemPieces::x),
                      field("y", &SystemPieces::y)};
  }
};

struct SystemCounter {
  std::string id;
  std::int64_t value = 0;
  std::optional<std::int64_t> min;
  static constexpr auto fields() {
    return std::tuple{field("id", &SystemCounter::id), field("value", &SystemCounter::value),
                      field("min", &SystemCounter::min)};
  }
};

/// A game system: the document from which tables are made. It lays out seats, zones, pieces and counters and knows no
/// rules. The JSON form is described in docs/systems.md; codec/system_document.hpp reads it.
struct GameSystem {
  SystemId id;
  std::int64_t version = 1;
  std::string name;
  std::string description;
  std::optional<std::vector<SystemSeat>> seats;  ///< Named seats; else `seat_range` of seats s1, s2, …
  std::optional<SeatRange> seat_range;
  Grid grid;
  bool turn_enforced = false;
  std::vector<SystemZone> zones;
  std::vector<SystemPieces> pieces;
  std::vector<SystemCounter> counters;
  static constexpr auto fields() {
    return std::tuple{field("id", &GameSystem::id),
                      field("version", &GameSystem::version),
                      field("name", &GameSystem::name),
                      field("description", &GameSystem::description),
                      field("seats", &GameSystem::seats),
                      field("seat_range", &GameSystem::seat_range),
                      field("grid", &GameSystem::grid),
                      field("turn_enforced", &GameSystem::turn_enforced),
                      field("zones", &GameSystem::zones),
                      field("pieces", &GameSystem::pieces),
                      field("counters", &GameSystem::counters)};
  }
};

/// What a table is made with.
struct Founding {
  TableId id;
  std::string name;
  Listing listing = Listing::open;
  std::optional<std::int64_t> seats;  ///< How many, where the system leaves it open.
  PlayerId owner;
  std::string owner_name;
};

/// The first event of a new table (seq 1): everything laid out, hidden zones marked so shuffled, the founder its owner.
std::expected<Event, Rejection> found_table(GameSystem const &system, Founding const &founding, Time now,
                                            Chance &chance);

}  // namespace tableforge::table
