#pragma once

#include <vector>

#include "unit/table/game.hpp"

namespace tableforge::codec::test {

/// A game in which everything happens that can happen: every change, with its optional parts and without.
inline table::test::Game game_of_every_change() {
  using namespace table::test;
  using namespace table;
  Game game("cards-52", 3);
  game.must(kAnn, seat_leave("s1"));
  game.must(kGm, seat_assign("s1", kAnn));
  game.must(kGm, seat_assign("s3", std::nullopt));
  game.must(kIda, seat_take("s3"));
  game.must(kOwner, role_grant(kIda, Role::spectator));
  TableConfigure configure;
  configure.name = "Tisch \"7\" \\ am Fenster – ♠";
  configure.grid = Grid{.size = 0.1, .snap = true};
  configure.turn_enforced = false;
  game.must(kOwner, configure);
  game.must(kGm, enforce_turns(false));
  auto odd = spec("board", "Joker", "red");
  odd.label = "müde\tund\nalt\x01";
  odd.locked = true;
  odd.rotation = 359.9999999;
  game.must(kGm, create({odd, spec("deck", "Fool", "red")}));
  game.must(kGm, deal("deck", {"hand:s1", "hand:s2"}, 2));
  game.must(kAnn, draw("deck", "board", 2, Side::front));
  game.must(kAnn, draw("deck"));
  auto set_down = to_zone(game.top("hand:s1"), "board", 1, Side::back);
  set_down.rotation = -12.5;
  game.must(kAnn, moves({set_down, to_zone(game.at("hand:s1", 1), "muck")}));
  game.must(kAnn, turn({game.top("board"), game.at("board", 1), game.top("hand:s1")}));
  game.must(kGm, set_face(game.top("board"), "King"));
  game.must(kAnn, set_label(game.top("hand:s1"), "mine"));
  game.must(kGm, set_locked(game.top("deck"), true));
  game.must(kGm, remove({game.at("deck", 3), game.top("board")}));
  auto vault = zone_create("vault", ZoneKind::bag, Visibility::owner, "s2");
  vault.zone.capacity = 3;
  vault.zone.take = Right::owner;
  vault.zone.put = Right::gm;
  vault.zone.touch = Right::none;
  game.must(kGm, vault);
  game.must(kGm, zone_create("field", ZoneKind::board, Visibility::everybody));
  game.must(kGm, create({spec("field", "m", "", PieceKind::token)}));
  game.must(kAnn, moves({to_place(game.top("field"), "field", 1e9, -0.3333333333333333)}));
  game.must(kGm, zone_remove("vault"));
  game.must(kGm, shuffle_zone("deck"));
  game.must(kAnn, shuffle_zone("hand:s1"));
  game.must(kGm, peek("deck", 3));
  game.must(kAnn, reveal_zone("hand:s1", everybody()));
  game.must(kAnn, reveal_pieces({game.top("hand:s1")}, only({kBob})));
  game.must(kGm, counter_create("debt", -kIntegerMax, "s2", -kIntegerMax));
  game.must(kGm, counter_set("pot", kIntegerMax));
  game.must(kGm, counter_add("pot", -1));
  game.must(kGm, transfer("pot", "chips:s1", 7));
  game.must(kGm, turn_order({"s2", "s1"}));
  game.must(kGm, turn_set("s1", "river"));
  game.must(kAnn, TurnNext{});
  game.must(kAnn, dice_roll("4d6kh3+2", RollAudience::all, "attack"));
  game.must(kAnn, dice_roll("d20", RollAudience::gm));
  game.must(kAnn, dice_roll("d20", RollAudience::self));
  game.must(kAnn, say("hello"));
  game.must(kAnn, whisper({kBob}, "psst"));
  return game;
}

}  // namespace tableforge::codec::test
