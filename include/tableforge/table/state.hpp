#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/table/kinds.hpp"
#include "tableforge/table/piece_map.hpp"

namespace tableforge::table {

struct Piece {
  PieceKind kind = PieceKind::token;
  ZoneId zone;
  std::string face;
  std::string back;
  std::string label;
  Side side = Side::front;
  bool locked = false;
  double x = 0;
  double y = 0;
  double rotation = 0;  ///< Degrees.

  bool operator==(Piece const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("kind", &Piece::kind),        field("zone", &Piece::zone),   field("face", &Piece::face),
                      field("back", &Piece::back),        field("label", &Piece::label), field("side", &Piece::side),
                      field("locked", &Piece::locked),    field("x", &Piece::x),         field("y", &Piece::y),
                      field("rotation", &Piece::rotation)};
  }
};

/// Rights of a zone beyond what its visibility allows by default; each can only narrow.
struct ZoneRights {
  Right take = Right::all;
  Right put = Right::all;
  Right touch = Right::all;

  bool operator==(ZoneRights const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("take", &ZoneRights::take), field("put", &ZoneRights::put),
                      field("touch", &ZoneRights::touch)};
  }
};

struct Zone {
  ZoneId id;
  ZoneKind kind = ZoneKind::board;
  Visibility visibility = Visibility::everybody;
  std::optional<SeatId> seat;  ///< Whose zone it is, for `owner` visibility and rights.
  std::optional<std::int64_t> capacity;
  ZoneRights rights;
  Seq version = 0;             ///< The seq of the last event that changed it.
  std::vector<PieceId> order;  ///< Top or leftmost first; on a board: drawn first to drawn last.

  bool operator==(Zone const &) const = default;
  [[nodiscard]] bool ordered() const { return kind != ZoneKind::board; }

  static constexpr auto fields() {
    return std::tuple{
        field("id", &Zone::id),           field("kind", &Zone::kind),         field("visibility", &Zone::visibility),
        field("seat", &Zone::seat),       field("capacity", &Zone::capacity), field("rights", &Zone::rights),
        field("version", &Zone::version), field("order", &Zone::order)};
  }
};

struct Seat {
  SeatId id;
  std::string name;
  std::optional<PlayerId> player;

  bool operator==(Seat const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("id", &Seat::id), field("name", &Seat::name), field("player", &Seat::player)};
  }
};

struct Player {
  PlayerId id;
  std::string name;
  Role role = Role::player;

  bool operator==(Player const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("id", &Player::id), field("name", &Player::name), field("role", &Player::role)};
  }
};

struct Counter {
  CounterId id;
  std::optional<SeatId> seat;
  std::int64_t value = 0;
  std::int64_t min = 0;

  bool operator==(Counter const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("id", &Counter::id), field("seat", &Counter::seat), field("value", &Counter::value),
                      field("min", &Counter::min)};
  }
};

struct Turn {
  std::vector<SeatId> order;
  std::optional<SeatId> active;
  std::int64_t round = 1;
  std::optional<std::string> phase;

  bool operator==(Turn const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("order", &Turn::order), field("active", &Turn::active), field("round", &Turn::round),
                      field("phase", &Turn::phase)};
  }
};

struct Grid {
  double size = 1;
  bool snap = false;

  bool operator==(Grid const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("size", &Grid::size, {.min = 0, .max = 10'000}), field("snap", &Grid::snap)};
  }
};

struct SystemRef {
  SystemId id;
  std::int64_t version = 1;

  bool operator==(SystemRef const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("id", &SystemRef::id), field("version", &SystemRef::version)};
  }
};

/// One chat event, kept so that a newcomer sees the last of the conversation.
struct ChatLine {
  Seq seq = 0;
  Time at;
  PlayerId by;
  ActionId action;
  ClientId client;
  std::optional<std::vector<PlayerId>> to;  ///< Set for a whisper: who may read it, the speaker included.
  std::string text;

  bool operator==(ChatLine const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("seq", &ChatLine::seq),       field("at", &ChatLine::at),
                      field("by", &ChatLine::by),         field("action", &ChatLine::action),
                      field("client", &ChatLine::client), field("to", &ChatLine::to),
                      field("text", &ChatLine::text)};
  }
};

/// An accepted action, remembered by hashes: a collision could only hurt the client that made it.
struct Remembered {
  std::uint64_t id_hash = 0;
  std::uint64_t fingerprint = 0;
  Seq seq = 0;

  bool operator==(Remembered const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("id", &Remembered::id_hash), field("print", &Remembered::fingerprint),
                      field("seq", &Remembered::seq)};
  }
};

/// The newest actions of one client, oldest first.
struct ClientMemory {
  PlayerId player;
  ClientId client;
  std::vector<Remembered> actions;

  bool operator==(ClientMemory const &) const = default;

  static constexpr auto fields() {
    return std::tuple{field("player", &ClientMemory::player), field("client", &ClientMemory::client),
                      field("actions", &ClientMemory::actions)};
  }
};

/// Everything a table is, at one seq: what the events up to `seq` make of nothing.
///
/// A value: copied to keep the committed state beside the one decided ahead of it.
/// Threads: none of its own; a const State may be shared between threads.
struct State {
  TableId id;
  std::string name;
  SystemRef system;
  Listing listing = Listing::open;
  Grid grid;
  bool turn_enforced = false;
  Time created_at;
  std::vector<Player> players;
  std::vector<Seat> seats;
  std::vector<Zone> zones;
  PieceMap<Piece> pieces;
  std::vector<Counter> counters;
  Turn turn;
  std::vector<ChatLine> chat;  ///< Oldest first, at most kChatLinesKept.
  std::vector<ClientMemory> memory;
  Seq seq = 0;
  Time at;  ///< Time of the last event; time never runs backwards at a table.

  bool operator==(State const &) const = default;

  [[nodiscard]] Player const *find_player(PlayerId player) const;
  [[nodiscard]] Seat const *find_seat(SeatId const &seat) const;
  [[nodiscard]] Zone const *find_zone(ZoneId const &zone) const;
  [[nodiscard]] Counter const *find_counter(CounterId const &counter) const;
  [[nodiscard]] Piece const *find_piece(PieceId piece) const;
  [[nodiscard]] Player *find_player(PlayerId player);
  [[nodiscard]] Seat *find_seat(SeatId const &seat);
  [[nodiscard]] Zone *find_zone(ZoneId const &zone);
  [[nodiscard]] Counter *find_counter(CounterId const &counter);
  [[nodiscard]] Piece *find_piece(PieceId piece);

  [[nodiscard]] std::optional<Role> role_of(PlayerId player) const;
  [[nodiscard]] bool seated(PlayerId player) const;
  [[nodiscard]] bool holds(PlayerId player, SeatId const &seat) const;

  /// What this client did before under that id, if it is still remembered.
  [[nodiscard]] Remembered const *find_remembered(PlayerId player, ClientId const &client,
                                                  ActionId const &action) const;

  /// What it holds of the heap outside of itself (base/heap_bytes.hpp).
  [[nodiscard]] std::size_t held_bytes() const;
};

/// The hash by which action ids are remembered; part of the stored form, so it never changes.
std::uint64_t id_hash(ActionId const &action);

}  // namespace tableforge::table
