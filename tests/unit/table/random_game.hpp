#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "tableforge/table/project.hpp"

#include "unit/table/game.hpp"

namespace tableforge::table::test {

/// One choice of a random player: plain numbers, so that a failing game can be shrunk by leaving choices out.
/// Actor, kind of operation, and what the operation needs.
using Step = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>;

/// What a random game is made of.
struct Script {
  std::size_t seated = 2;  ///< Of the table's six seats.
  std::uint64_t seed = 1;  ///< Of the table's chance.
  std::vector<Step> steps;
};

inline rc::Gen<Script> any_script(int steps_max) {
  auto const step = rc::gen::tuple(rc::gen::inRange<std::uint32_t>(0, 64), rc::gen::inRange<std::uint32_t>(0, 1'000),
                                   rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 62));
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<std::size_t>(2, 7), rc::gen::inRange<std::uint64_t>(0, 1'000'000),
                     rc::gen::resize(steps_max, rc::gen::container<std::vector<Step>>(rc::gen::resize(100, step)))),
      [](auto parts) {
        return Script{.seated = std::get<0>(parts), .seed = std::get<1>(parts), .steps = std::move(std::get<2>(parts))};
      });
}

inline void showValue(Script const &script, std::ostream &out) {
  out << "seated " << script.seated << ", seed " << script.seed << ", steps ";
  rc::show(script.steps, out);
}

/// Whether pieces keep the faces they came with, which lets a test know them again.
enum class Faces { kept, changing };

/// Plays cards-52 at random: mostly what the rules allow, now and then what they do not. Everybody of game.hpp is
/// there (a stranger too), and further players on the seats three to six.
class RandomGame {
 public:
  RandomGame(std::size_t seated, std::uint64_t seed, Faces faces) : game_("cards-52", 6, seed), faces_(faces) {
    for (std::size_t i = 2; i < seated; ++i) {
      auto const player = player_id(static_cast<std::uint8_t>(8 + i));
      game_.join(player, "P" + std::to_string(i), Role::player);
      game_.must(player, seat_take("s" + std::to_string(i + 1)));
    }
    game_.must(kOwner, counter_set("pot", 1'000));
  }

  [[nodiscard]] Game &game() { return game_; }
  [[nodiscard]] Game const &game() const { return game_; }

  /// Everybody who was ever heard of here, and somebody who was not.
  [[nodiscard]] std::vector<Viewer> viewers() const {
    std::vector<Viewer> all{std::nullopt, kStranger};
    for (auto const &player : game_.state().players) {
      if (player.id != kStranger) all.emplace_back(player.id);
    }
    return all;
  }

  /// The action that a step comes to in the present state.
  Action action_of(Step const &step) {
    auto const [who, what, luck] = step;
    luck_ = SeededChance(luck);
    PlayerId actor = kStranger;
    auto const &players = game_.state().players;
    if (who != 0) actor = players[who % players.size()].id;
    auto const &seat = any_of(game_.state().seats);
    if (who > 12 && seat.player) actor = *seat.player;
    auto operation = operation_of(what, actor);
    auto action = game_.action(actor, std::move(operation));
    if (std::holds_alternative<PlayerJoin>(action.operation)) {
      action.client = {};
      action.id = {};
    } else if (one_in(20)) {
      Precondition precondition;
      precondition.seq = static_cast<std::int64_t>(game_.state().seq - pick(2));
      action.precondition = precondition;
    }
    return action;
  }

 private:
  std::size_t pick(std::size_t n) { return static_cast<std::size_t>(luck_.below(n)); }
  bool one_in(std::size_t n) { return pick(n) == 0; }

  template <class T>
  T const &any_of(std::vector<T> const &list) {
    return list[pick(list.size())];
  }

  std::string any_zone() { return any_of(game_.state().zones).id.value; }
  std::string any_seat() { return any_of(game_.state().seats).id.value; }
  std::string any_counter() { return any_of(game_.state().counters).id.value; }
  PlayerId any_player() { return one_in(30) ? kStranger : any_of(game_.state().players).id; }
  std::string any_word() {
    static std::vector<std::string> const kWords{"alpha", "beta", "gamma", "\"quoted\"", "line\nbreak", "höflich"};
    return any_of(kWords);
  }
  std::optional<Side> any_side() {
    std::array<std::optional<Side>, 3> const sides{std::nullopt, Side::front, Side::back};
    return sides[pick(3)];
  }
  std::optional<std::int64_t> any_index() {
    return one_in(2) ? std::nullopt : std::optional(static_cast<std::int64_t>(pick(8)));
  }
  Audience any_audience() {
    if (one_in(2)) return everybody();
    std::vector<PlayerId> players;
    for (std::size_t i = 0; i <= pick(2); ++i) players.push_back(any_player());
    return only(std::move(players));
  }

  bool privileged(PlayerId actor) const {
    auto const role = game_.state().role_of(actor);
    return role == Role::gm || role == Role::owner;
  }

  /// A piece the actor can probably name; now and then any piece, or none at all.
  PieceId piece_for(PlayerId actor) {
    if (one_in(40)) return PieceId(pick(1'000'000));
    std::vector<PieceId> seen;
    for (auto const &zone : game_.state().zones) {
      bool const open = zone.visibility == Visibility::everybody;
      bool const own = zone.visibility == Visibility::owner && zone.seat && game_.state().holds(actor, *zone.seat);
      bool const from_a_peek = zone.visibility == Visibility::hidden && privileged(actor) && one_in(4);
      if (open || own || from_a_peek || one_in(400)) seen.insert(seen.end(), zone.order.begin(), zone.order.end());
    }
    return seen.empty() ? PieceId(7) : any_of(seen);
  }

  std::vector<PieceId> pieces_for(PlayerId actor) {
    std::vector<PieceId> pieces;
    auto const wanted = 1 + pick(3);
    while (pieces.size() < wanted) {
      auto const piece = piece_for(actor);
      if (std::ranges::find(pieces, piece) != pieces.end()) break;
      pieces.push_back(piece);
    }
    return pieces;
  }

  PieceSpec any_spec() {
    auto each = spec(any_zone(), "N" + std::to_string(++created_), one_in(3) ? "red" : "blue",
                     one_in(4) ? PieceKind::token : PieceKind::card);
    each.side = any_side();
    each.index = any_index();
    each.x = static_cast<double>(pick(10));
    if (one_in(2)) each.label = any_word();
    return each;
  }

  MoveSpec any_move(PieceId piece) {
    auto to = any_zone();
    if (one_in(3)) to = one_in(2) ? "board" : "muck";
    if (one_in(4)) {
      auto const *lies = game_.state().find_piece(piece);
      if (lies != nullptr) to = lies->zone.value;
    }
    auto each = to_zone(piece, to, any_index(), any_side());
    if (one_in(3)) each.to.x = static_cast<double>(pick(20)) / 4;
    if (one_in(3)) each.rotation = static_cast<double>(pick(4)) * 90;
    return each;
  }

  std::vector<std::string> distinct_zones(std::size_t most) {
    std::vector<std::string> zones;
    for (std::size_t i = 0; i <= pick(most); ++i) {
      auto zone = any_zone();
      if (zone != "deck" && std::ranges::find(zones, zone) == zones.end()) zones.push_back(std::move(zone));
    }
    if (zones.empty()) zones.emplace_back("board");
    return zones;
  }

  ZoneCreate any_new_zone() {
    auto op = zone_create("z" + std::to_string(pick(6)), static_cast<ZoneKind>(pick(5)),
                          static_cast<Visibility>(pick(3)), any_seat());
    if (one_in(4)) op.zone.capacity = 1 + static_cast<std::int64_t>(pick(5));
    if (one_in(6)) op.zone.take = static_cast<Right>(pick(4));
    if (one_in(6)) op.zone.put = static_cast<Right>(pick(4));
    if (one_in(6)) op.zone.touch = static_cast<Right>(pick(4));
    return op;
  }

  /// Who runs the table, most of the time, for what only they may do.
  PlayerId ruler(PlayerId actor, PlayerId who) { return one_in(6) ? actor : who; }

  Operation operation_of(std::uint32_t what, PlayerId &actor) {
    struct Weighted {
      std::uint32_t weight;
      Operation (RandomGame::*make)(PlayerId &);
    };
    static constexpr auto kinds = std::to_array<Weighted>({{200, &RandomGame::make_move},
                                                           {150, &RandomGame::make_draw},
                                                           {60, &RandomGame::make_deal},
                                                           {60, &RandomGame::make_turn},
                                                           {60, &RandomGame::make_update},
                                                           {40, &RandomGame::make_create},
                                                           {25, &RandomGame::make_remove},
                                                           {40, &RandomGame::make_new_zone},
                                                           {20, &RandomGame::make_remove_zone},
                                                           {60, &RandomGame::make_shuffle},
                                                           {40, &RandomGame::make_peek},
                                                           {60, &RandomGame::make_reveal},
                                                           {50, &RandomGame::make_counters},
                                                           {40, &RandomGame::make_turns},
                                                           {20, &RandomGame::make_roll},
                                                           {30, &RandomGame::make_talk},
                                                           {30, &RandomGame::make_seats},
                                                           {15, &RandomGame::make_table}});
    static_assert([] {
      std::uint32_t sum = 0;
      for (auto const &kind : kinds) sum += kind.weight;
      return sum;
    }() == 1'000);
    for (auto const &kind : kinds) {
      if (what < kind.weight) return (this->*kind.make)(actor);
      what -= kind.weight;
    }
    return TurnNext{};
  }

  Operation make_move(PlayerId &actor) {
    std::vector<MoveSpec> each;
    for (auto const piece : pieces_for(actor)) each.push_back(any_move(piece));
    return moves(std::move(each));
  }
  Operation make_draw(PlayerId &) {
    auto const from = one_in(4) ? any_zone() : std::string("deck");
    auto to = one_in(2) ? std::optional(any_zone()) : std::nullopt;
    if (one_in(3)) to = "board";
    return draw(from, to, 1 + static_cast<std::int64_t>(pick(3)), any_side());
  }
  Operation make_deal(PlayerId &actor) {
    actor = ruler(actor, kGm);
    return deal(one_in(4) ? any_zone() : "deck", distinct_zones(6), 1 + static_cast<std::int64_t>(pick(2)), any_side());
  }
  Operation make_turn(PlayerId &actor) { return turn(pieces_for(actor), static_cast<Turnover>(pick(3))); }
  Operation make_update(PlayerId &actor) {
    if (one_in(2)) return set_label(piece_for(actor), any_word());
    actor = ruler(actor, kGm);
    auto const piece = piece_for(actor);
    if (faces_ == Faces::changing && one_in(2)) return set_face(piece, "N" + std::to_string(++created_));
    return set_locked(piece, one_in(3));
  }
  Operation make_create(PlayerId &actor) {
    actor = ruler(actor, kGm);
    std::vector<PieceSpec> specs;
    for (std::size_t i = 0; i <= pick(3); ++i) specs.push_back(any_spec());
    return create(std::move(specs));
  }
  Operation make_remove(PlayerId &actor) {
    actor = ruler(actor, kGm);
    return remove(pieces_for(actor));
  }
  Operation make_new_zone(PlayerId &actor) {
    actor = ruler(actor, kOwner);
    return any_new_zone();
  }
  Operation make_remove_zone(PlayerId &actor) {
    actor = ruler(actor, kOwner);
    return zone_remove("z" + std::to_string(pick(6)));
  }
  Operation make_shuffle(PlayerId &actor) {
    if (one_in(2)) {
      actor = ruler(actor, kGm);
      return shuffle_zone(one_in(3) ? "muck" : "deck");
    }
    for (auto const &seat : game_.state().seats) {
      if (seat.player == actor && one_in(2)) return shuffle_zone("hand:" + seat.id.value);
    }
    return shuffle_zone(one_in(2) ? "board" : any_zone());
  }
  Operation make_peek(PlayerId &actor) {
    actor = ruler(actor, kGm);
    return peek(any_zone(), 1 + static_cast<std::int64_t>(pick(6)));
  }
  Operation make_reveal(PlayerId &actor) {
    if (one_in(3)) return reveal_pieces({piece_for(actor)}, any_audience());
    for (auto const &seat : game_.state().seats) {
      if (seat.player == actor) return reveal_zone("hand:" + seat.id.value, any_audience());
    }
    return reveal_zone("board", any_audience());
  }
  Operation make_counters(PlayerId &actor) {
    actor = ruler(actor, kOwner);
    auto const amount = static_cast<std::int64_t>(pick(50));
    switch (pick(4)) {
      case 0: return counter_create("k" + std::to_string(pick(6)), amount, any_seat(), -amount);
      case 1: return counter_set(any_counter(), amount);
      case 2: return counter_add(any_counter(), amount - 20);
      default: return transfer(one_in(2) ? "pot" : any_counter(), any_counter(), 1 + amount);
    }
  }
  Operation make_turns(PlayerId &actor) {
    actor = ruler(actor, kGm);
    if (one_in(4))
      return turn_order(one_in(6) ? std::vector<std::string>{} : std::vector<std::string>{"s2", "s1", "s3"});
    if (one_in(3)) return turn_set(any_seat(), one_in(2) ? std::nullopt : std::optional(any_word()));
    return TurnNext{};
  }
  Operation make_roll(PlayerId &) {
    return dice_roll("2d6+1", static_cast<RollAudience>(pick(3)), one_in(2) ? std::nullopt : std::optional(any_word()));
  }
  Operation make_talk(PlayerId &) {
    if (one_in(2)) return say(any_word());
    return whisper({any_player(), any_player()}, any_word());
  }
  Operation make_seats(PlayerId &actor) {
    switch (pick(4)) {
      case 0: return seat_take(any_seat());
      case 1: {
        auto const &seat = any_of(game_.state().seats);
        if (seat.player && !one_in(4)) actor = *seat.player;
        return seat_leave(seat.id.value);
      }
      default: {
        actor = ruler(actor, kGm);
        return seat_assign(any_seat(), one_in(5) ? std::nullopt : std::optional(any_player()));
      }
    }
  }
  Operation make_table(PlayerId &actor) {
    if (one_in(3)) {
      if (one_in(2)) actor = kStranger;
      return player_join("Stu", static_cast<Role>(pick(3)));
    }
    actor = ruler(actor, kOwner);
    if (one_in(2)) return enforce_turns(one_in(4));
    // The gm stays gm: without one, half of what happens here would be refused.
    auto player = any_player();
    if (player == kGm || player == kOwner) player = kSue;
    return role_grant(player, one_in(2) ? Role::player : static_cast<Role>(pick(3)));
  }

  Game game_;
  Faces faces_;
  SeededChance luck_{0};  ///< One word of the step feeds all its choices.
  int created_ = 0;
};

/// Steps without RapidCheck, for tests that want one long game.
inline std::vector<Step> any_steps(std::size_t count, std::uint64_t seed) {
  SeededChance chance(seed);
  std::vector<Step> steps;
  for (std::size_t i = 0; i < count; ++i) {
    steps.emplace_back(static_cast<std::uint32_t>(chance.below(64)), static_cast<std::uint32_t>(chance.below(1'000)),
                       chance.bits());
  }
  return steps;
}

}  // namespace tableforge::table::test
