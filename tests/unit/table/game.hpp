#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tableforge/codec/system_document.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/system.hpp"

#include "unit/table/operations.hpp"
#include "unit/table/test_chance.hpp"

namespace tableforge::table::test {

inline PlayerId player_id(std::uint8_t number) {
  PlayerId id;
  id.value.bytes[6] = 0x40;
  id.value.bytes[8] = 0x80;
  id.value.bytes[15] = number;
  return id;
}

// The people of every test: two who run the table, two who sit, one who does not, one who may only watch, and one who
// never came.
inline PlayerId const kOwner = player_id(1);
inline PlayerId const kGm = player_id(2);
inline PlayerId const kAnn = player_id(3);  ///< Sits at the first seat.
inline PlayerId const kBob = player_id(4);  ///< Sits at the second seat.
inline PlayerId const kIda = player_id(5);  ///< A player without a seat.
inline PlayerId const kSue = player_id(6);  ///< A spectator.
inline PlayerId const kStranger = player_id(7);

inline constexpr Time kStart{std::chrono::microseconds{1'764'000'000'000'000}};

/// A game system that ships, read as the server reads it.
inline GameSystem shipped_system(std::string const &name) {
  std::ifstream file(TABLEFORGE_SOURCE_DIR "/deploy/systems/" + name + ".json");
  std::string const text{std::istreambuf_iterator<char>(file), {}};
  auto system = codec::parse_system(text);
  if (!system) throw std::runtime_error(name + ": " + system.error());
  return std::move(*system);
}

inline Founding founding_of(std::optional<std::int64_t> seats = {}) {
  Founding founding;
  founding.id.value.bytes[15] = 0xaa;
  founding.name = "Test table";
  founding.seats = seats;
  founding.owner = kOwner;
  founding.owner_name = "Olga";
  return founding;
}

/// One table, played by calls: who does what, and what becomes of it.
class Game {
 public:
  /// With all the people in their places.
  explicit Game(std::string const &system, std::optional<std::int64_t> seats = {}, std::uint64_t seed = 1)
      : Game(shipped_system(system), seats, seed) {
    join(kGm, "Gus", Role::gm);
    join(kAnn, "Ann", Role::player);
    join(kBob, "Bob", Role::player);
    join(kIda, "Ida", Role::player);
    join(kSue, "Sue", Role::spectator);
    must(kAnn, SeatTake{.seat = state_.seats[0].id});
    must(kBob, SeatTake{.seat = state_.seats[1].id});
  }

  /// With nobody there but the owner.
  Game(GameSystem const &system, std::optional<std::int64_t> seats, std::uint64_t seed) : chance_(seed) {
    auto founded = found_table(system, founding_of(seats), kStart, chance_);
    if (!founded) throw std::runtime_error(std::string(founded.error().text));
    take_in(std::move(*founded));
  }

  [[nodiscard]] State const &state() const { return state_; }
  [[nodiscard]] std::vector<Event> const &events() const { return events_; }

  void join(PlayerId player, std::string name, Role role) {
    Action action;
    action.by = player;
    action.operation = player_join(std::move(name), role);
    auto joined = decide(state_, action, now_, chance_);
    if (!joined) throw std::runtime_error(std::string(joined.error().text));
    take_in(std::move(*joined));
  }

  /// The action as a client would send it, under an id of its own.
  [[nodiscard]] Action action(PlayerId by, Operation operation) const {
    Action action;
    action.by = by;
    action.client = ClientId("tab");
    action.id = ActionId("a" + std::to_string(state_.seq + 1));
    action.operation = std::move(operation);
    return action;
  }

  /// Judges without taking the event in.
  std::expected<Event, Rejection> judge(Action const &action) { return decide(state_, action, now_, chance_); }
  std::expected<Event, Rejection> judge(PlayerId by, Operation operation) {
    return judge(action(by, std::move(operation)));
  }

  std::expected<Event, Rejection> act(Action const &action) {
    auto event = judge(action);
    if (event) take_in(*event);
    return event;
  }
  std::expected<Event, Rejection> act(PlayerId by, Operation operation) {
    return act(action(by, std::move(operation)));
  }

  /// Does what the test takes for granted.
  Event must(PlayerId by, Operation operation) {
    auto event = act(by, std::move(operation));
    if (!event) throw std::runtime_error("refused: " + std::string(event.error().text));
    return std::move(*event);
  }
  template <class T>
  T must_change(PlayerId by, Operation operation) {
    return std::get<T>(must(by, std::move(operation)).change);
  }

  /// Why it is refused; nothing if it would be accepted. Leaves everything as it is.
  std::optional<Reject> refusal(PlayerId by, Operation operation) {
    auto const event = judge(by, std::move(operation));
    return event ? std::nullopt : std::optional(event.error().why);
  }

  void take_in(Event event) {
    apply(state_, event);
    events_.push_back(std::move(event));
    now_ += std::chrono::seconds(1);
  }

  [[nodiscard]] Zone const &zone(std::string const &id) const {
    auto const *found = state_.find_zone(ZoneId(id));
    if (found == nullptr) throw std::runtime_error("no zone " + id);
    return *found;
  }
  [[nodiscard]] std::size_t count(std::string const &id) const { return zone(id).order.size(); }
  [[nodiscard]] PieceId at(std::string const &id, std::size_t index) const { return zone(id).order.at(index); }
  [[nodiscard]] PieceId top(std::string const &id) const { return at(id, 0); }
  [[nodiscard]] Piece const &piece(PieceId id) const { return state_.pieces.at(id); }
  [[nodiscard]] std::string const &face_at(std::string const &id, std::size_t index) const {
    return piece(at(id, index)).face;
  }
  [[nodiscard]] std::vector<std::string> faces(std::string const &id) const {
    std::vector<std::string> all;
    for (auto const each : zone(id).order) all.push_back(piece(each).face);
    return all;
  }
  [[nodiscard]] std::int64_t counter(std::string const &id) const { return state_.find_counter(CounterId(id))->value; }

 private:
  SeededChance chance_;
  State state_;
  std::vector<Event> events_;
  Time now_ = kStart;
};

}  // namespace tableforge::table::test
