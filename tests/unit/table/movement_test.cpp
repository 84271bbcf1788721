#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

using FaceList = std::vector<std::string>;

/// A table with one zone of each kind and visibility that matter, and three cards a, b, c open on `pile`.
Game zones_of_all_sorts() {
  Game game("blank");
  game.must(kGm, zone_create("pile", ZoneKind::pile, Visibility::everybody));
  game.must(kGm, zone_create("heap", ZoneKind::pile, Visibility::everybody));
  game.must(kGm, zone_create("deck", ZoneKind::deck, Visibility::hidden));
  game.must(kGm, zone_create("grave", ZoneKind::pile, Visibility::hidden));
  game.must(kGm, create({spec("pile", "a"), spec("pile", "b"), spec("pile", "c")}));
  return game;
}

Move only_move(Game &game, PlayerId by, Operation const &operation) {
  auto const moved = game.must_change<PieceMoved>(by, operation);
  EXPECT_EQ(moved.moves.size(), 1U);
  return moved.moves.at(0);
}

TEST(Move, LandsOnTopOfWhatIsStacked) {
  Game game = zones_of_all_sorts();
  for (auto const *zone : {"heap", "grave", "deck"}) {
    game.must(kGm, create({spec(zone, "x")}));
    game.must(kGm, create({spec("pile", "n")}));
    auto const piece = game.at("pile", 3);

    game.must(kGm, move(piece, zone));

    EXPECT_EQ(game.faces(zone), (FaceList{"n", "x"})) << zone;
  }
}

TEST(Move, LandsAtTheEndOfAHandOrBoard) {
  Game game = zones_of_all_sorts();
  game.must(kGm, create({spec("hand:s1", "x"), spec("board", "x")}));

  game.must(kAnn, move(game.top("pile"), "hand:s1"));
  game.must(kAnn, move(game.top("pile"), "board"));

  EXPECT_EQ(game.faces("hand:s1"), (FaceList{"x", "a"}));
  EXPECT_EQ(game.faces("board"), (FaceList{"x", "b"}));
}

TEST(Move, LandsAtTheIndexOrTheEnd) {
  Game game = zones_of_all_sorts();
  game.must(kGm, create({spec("heap", "x"), spec("heap", "y")}));

  game.must(kAnn, move(game.top("pile"), "heap", 1));
  game.must(kAnn, move(game.top("pile"), "heap", 9'999));

  EXPECT_EQ(game.faces("heap"), (FaceList{"x", "a", "y", "b"}));
}

TEST(Move, WithinAZoneReordersIt) {
  Game game = zones_of_all_sorts();
  game.must(kAnn, move(game.top("pile"), "pile", 1));
  EXPECT_EQ(game.faces("pile"), (FaceList{"b", "a", "c"}));

  game.must(kAnn, move(game.top("pile"), "pile", 99));
  EXPECT_EQ(game.faces("pile"), (FaceList{"a", "c", "b"}));
}

TEST(Move, WithinAZoneWithoutIndexKeepsItsPlace) {
  Game game = zones_of_all_sorts();

  auto const move_made = only_move(game, kAnn, move(game.at("pile", 1), "pile"));

  EXPECT_EQ(move_made.index, 1);
  EXPECT_EQ(game.faces("pile"), (FaceList{"a", "b", "c"}));
}

TEST(Move, WithinAZoneKeepsThePlaceThatEarlierMovesLeft) {
  Game game = zones_of_all_sorts();
  auto const a = game.at("pile", 0);
  auto const b = game.at("pile", 1);
  auto const c = game.at("pile", 2);

  auto const moved =
      game.must_change<PieceMoved>(kAnn, moves({to_zone(a, "heap"), to_zone(c, "pile"), to_zone(b, "pile", 5)}));

  EXPECT_EQ(moved.moves.at(1).index, 1);
  EXPECT_EQ(game.faces("pile"), (FaceList{"c", "b"}));
}

TEST(Move, TellsAnIndexInAnOrderedZoneAndAPointOnABoard) {
  Game game = zones_of_all_sorts();
  auto both = to_place(game.top("pile"), "board", 3, 4);
  both.to.index = 0;
  auto const on_board = only_move(game, kAnn, moves({both}));
  EXPECT_EQ(on_board.index, std::nullopt);
  EXPECT_EQ(on_board.x, 3);
  EXPECT_EQ(on_board.y, 4);

  both = to_place(game.top("pile"), "heap", 3, 4);
  auto const on_heap = only_move(game, kAnn, moves({both}));
  EXPECT_EQ(on_heap.index, 0);
  EXPECT_EQ(on_heap.x, std::nullopt);
  EXPECT_EQ(on_heap.y, std::nullopt);
}

TEST(Move, KeepsItsTurnOnABoardAndComesLastOntoIt) {
  Game game = zones_of_all_sorts();
  game.must(kGm, create({spec("board", "x"), spec("board", "y")}));
  auto first = to_place(game.top("board"), "board", 1, 1);
  first.to.index = 1;
  game.must(kAnn, moves({first}));
  auto came = to_place(game.top("pile"), "board", 2, 2);
  came.to.index = 0;
  game.must(kAnn, moves({came}));

  EXPECT_EQ(game.faces("board"), (FaceList{"x", "y", "a"}));
}

TEST(Move, OfSeveralHappensOneAfterTheOther) {
  Game game = zones_of_all_sorts();
  auto const a = game.at("pile", 0);
  auto const b = game.at("pile", 1);
  auto const c = game.at("pile", 2);

  game.must(kAnn, moves({to_zone(a, "heap"), to_zone(b, "heap"), to_zone(c, "heap", 1)}));

  EXPECT_EQ(game.faces("heap"), (FaceList{"b", "c", "a"}));
}

TEST(Move, IsWholeOrNotAtAll) {
  Game game = zones_of_all_sorts();
  auto const before = game.state();
  auto const a = game.at("pile", 0);

  EXPECT_EQ(game.refusal(kAnn, moves({to_zone(a, "heap"), to_zone(PieceId(1), "heap")})), Reject::not_found);
  EXPECT_EQ(game.refusal(kAnn, moves({to_zone(a, "heap"), to_zone(game.at("pile", 1), "hand:s2")})), Reject::forbidden);
  EXPECT_EQ(game.refusal(kAnn, moves({to_zone(a, "heap"), to_zone(a, "board")})), Reject::bad_request);
  EXPECT_EQ(game.refusal(kAnn, moves({to_zone(a, "nowhere")})), Reject::not_found);
  EXPECT_EQ(game.state(), before);
}

TEST(Move, PlacesOnABoard) {
  Game game("chess");
  auto const pawn = game.at("board", 12);
  ASSERT_EQ(game.piece(pawn).face, "P");

  game.must(kAnn, moves({to_place(pawn, "board", 4, 3)}));
  EXPECT_EQ(game.piece(pawn).x, 4);
  EXPECT_EQ(game.piece(pawn).y, 3);

  auto turned = to_zone(pawn, "board");
  turned.rotation = 90;
  game.must(kAnn, moves({turned}));
  EXPECT_EQ(game.piece(pawn).x, 4);
  EXPECT_EQ(game.piece(pawn).y, 3);
  EXPECT_EQ(game.piece(pawn).rotation, 90);
}

TEST(Move, OffABoardForgetsThePlace) {
  Game game("chess");
  auto const pawn = game.at("board", 12);
  auto aside = to_place(pawn, "captured", 5, 5);
  aside.rotation = 45;
  game.must(kAnn, moves({aside}));

  EXPECT_EQ(game.piece(pawn).x, 0);
  EXPECT_EQ(game.piece(pawn).y, 0);
  EXPECT_EQ(game.piece(pawn).rotation, 45);

  game.must(kAnn, move(pawn, "captured", 0));
  EXPECT_EQ(game.piece(pawn).rotation, 45);
  game.must(kAnn, move(pawn, "board"));
  EXPECT_EQ(game.piece(pawn).rotation, 45);
  EXPECT_EQ(game.piece(pawn).x, 0);
  game.must(kAnn, move(pawn, "captured"));
  EXPECT_EQ(game.piece(pawn).rotation, 0);
}

TEST(Move, ACaptureIsOneAction) {
  Game game("chess");
  auto const taken = game.at("board", 20);
  auto const pawn = game.at("board", 12);

  game.must(kAnn, moves({to_zone(taken, "captured"), to_place(pawn, "board", 4, 6)}));

  EXPECT_EQ(game.faces("captured"), FaceList{"p"});
  EXPECT_EQ(game.count("board"), 31U);
}

TEST(Move, LockedPiecesStay) {
  Game game = zones_of_all_sorts();
  auto const a = game.top("pile");
  game.must(kGm, set_locked(a, true));

  for (auto const player : {kOwner, kGm, kAnn}) {
    EXPECT_EQ(game.refusal(player, move(a, "heap")), Reject::locked);
    EXPECT_EQ(game.refusal(player, turn({a})), Reject::locked);
    EXPECT_EQ(game.refusal(player, draw("pile", "heap")), Reject::locked);
    EXPECT_EQ(game.refusal(player, draw("pile", "heap", 2)), Reject::locked);
  }
  EXPECT_EQ(game.refusal(kGm, deal("pile", {"heap"})), Reject::locked);
  EXPECT_EQ(game.refusal(kAnn, set_label(a, "mine")), Reject::locked);
  EXPECT_EQ(game.refusal(kGm, set_label(a, "mine")), std::nullopt);
  game.must(kGm, set_locked(a, false));
  EXPECT_EQ(game.refusal(kAnn, move(a, "heap")), std::nullopt);
}

TEST(Move, StopsWhereAZoneIsFull) {
  Game game = zones_of_all_sorts();
  auto small = zone_create("small", ZoneKind::pile, Visibility::everybody);
  small.zone.capacity = 2;
  game.must(kGm, small);
  auto const a = game.at("pile", 0);
  auto const b = game.at("pile", 1);
  auto const c = game.at("pile", 2);

  EXPECT_EQ(game.refusal(kAnn, moves({to_zone(a, "small"), to_zone(b, "small"), to_zone(c, "small")})), Reject::full);
  EXPECT_EQ(game.refusal(kAnn, draw("pile", "small", 3)), Reject::full);
  game.must(kAnn, draw("pile", "small", 2));

  EXPECT_EQ(game.refusal(kAnn, move(c, "small")), Reject::full);
  EXPECT_EQ(game.refusal(kGm, deal("pile", {"small"})), Reject::full);
  EXPECT_EQ(game.refusal(kGm, create({spec("small", "z")})), Reject::full);
  EXPECT_EQ(game.refusal(kAnn, move(a, "small", 1)), std::nullopt) << "moving within a full zone needs no room";
  EXPECT_EQ(game.refusal(kAnn, moves({to_zone(a, "heap"), to_zone(c, "small")})), std::nullopt)
      << "room that an earlier move of the action makes counts";
}

TEST(Move, CountsTheZonesVersions) {
  Game game = zones_of_all_sorts();
  auto const untouched = game.zone("grave").version;

  auto const event = game.must(kAnn, move(game.top("pile"), "heap"));

  EXPECT_EQ(game.zone("pile").version, event.seq);
  EXPECT_EQ(game.zone("heap").version, event.seq);
  EXPECT_EQ(game.zone("grave").version, untouched);
}

struct Way {
  char const *from;
  char const *to;
  bool keeps_its_id;
};

class PublicId : public testing::TestWithParam<Way> {};

TEST_P(PublicId, ChangesUnlessBothZonesArePublic) {
  auto const [from, to, keeps] = GetParam();
  Game game = zones_of_all_sorts();
  game.must(kGm, create({spec(from, "x")}));
  auto const id = game.at(from, game.count(from) - 1);
  auto const by = std::string_view(from) == "hand:s1" ? kAnn : kGm;

  auto const made = only_move(game, by, move(id, to, 0));

  EXPECT_EQ(made.piece, id);
  EXPECT_EQ(made.new_id.has_value(), !keeps);
  EXPECT_EQ(game.top(to) == id, keeps);
  EXPECT_EQ(game.state().find_piece(id) != nullptr, keeps);
  EXPECT_EQ(game.piece(game.top(to)).face, "x");
  EXPECT_EQ(game.piece(game.top(to)).zone, ZoneId(to));
}

INSTANTIATE_TEST_SUITE_P(Ways, PublicId,
                         testing::Values(Way{"pile", "heap", true}, Way{"pile", "board", true},
                                         Way{"pile", "pile", true}, Way{"pile", "deck", false},
                                         Way{"pile", "hand:s1", false}, Way{"hand:s1", "pile", false},
                                         Way{"hand:s1", "hand:s1", true}, Way{"hand:s1", "deck", false},
                                         Way{"deck", "pile", false}, Way{"deck", "grave", false},
                                         Way{"deck", "hand:s1", false}, Way{"deck", "deck", true}));

TEST(Move, ACardAmongHiddenOnesLiesFaceDown) {
  Game game = zones_of_all_sorts();
  ASSERT_EQ(game.piece(game.top("pile")).side, Side::front);

  EXPECT_EQ(only_move(game, kAnn, move(game.top("pile"), "deck")).side, Side::back);
  EXPECT_EQ(only_move(game, kAnn, move(game.top("pile"), "deck", 0, Side::front)).side, Side::front)
      << "unless its mover says otherwise";
  EXPECT_EQ(only_move(game, kAnn, move(game.top("pile"), "hand:s1")).side, Side::front);
  EXPECT_EQ(only_move(game, kAnn, draw("deck", "pile")).side, Side::front);
  EXPECT_EQ(only_move(game, kAnn, draw("deck", "pile")).side, Side::back);
}

TEST(Move, OnlyCardsTurnOver) {
  Game game = zones_of_all_sorts();
  game.must(kGm, create({spec("heap", "meeple", "", PieceKind::token)}));

  EXPECT_EQ(only_move(game, kAnn, move(game.top("heap"), "bag")).side, Side::front);
}

TEST(Create, LaysCardsFaceDownAmongHiddenOnes) {
  Game game = zones_of_all_sorts();
  auto open = spec("deck", "o");
  open.side = Side::front;
  game.must(kGm, create({spec("deck", "x"), spec("bag", "t", "", PieceKind::token), spec("pile", "p"), open}));

  EXPECT_EQ(game.piece(game.at("deck", 0)).side, Side::back);
  EXPECT_EQ(game.piece(game.at("deck", 1)).side, Side::front);
  EXPECT_EQ(game.piece(game.top("bag")).side, Side::front);
  EXPECT_EQ(game.piece(game.at("pile", 3)).side, Side::front);
}

TEST(Create, PutsPiecesWhereAsked) {
  Game game = zones_of_all_sorts();
  auto first = spec("pile", "x");
  first.index = 0;
  auto beyond = spec("pile", "y");
  beyond.index = 500;
  auto placed = spec("board", "z");
  placed.x = 2.5;
  placed.y = -1;
  placed.rotation = 30;
  placed.label = "flag";
  placed.locked = true;
  auto stacked = spec("heap", "s");
  stacked.x = 9;
  game.must(kGm, create({first, beyond, placed, stacked}));

  EXPECT_EQ(game.faces("pile"), (FaceList{"x", "a", "b", "c", "y"}));
  EXPECT_EQ(game.piece(game.top("board")), (Piece{.kind = PieceKind::card,
                                                  .zone = ZoneId("board"),
                                                  .face = "z",
                                                  .back = "blue",
                                                  .label = "flag",
                                                  .side = Side::front,
                                                  .locked = true,
                                                  .x = 2.5,
                                                  .y = -1,
                                                  .rotation = 30}));
  EXPECT_EQ(game.piece(game.top("heap")).x, 0);
}

TEST(Create, NeedsAZoneWithRoomAtATableWithRoom) {
  Game game = zones_of_all_sorts();
  EXPECT_EQ(game.refusal(kGm, create({spec("nowhere", "x")})), Reject::not_found);

  std::vector<PieceSpec> many(512, spec("deck", "x"));
  while (game.state().pieces.size() + many.size() <= 10'000) game.must(kGm, create(many));

  EXPECT_EQ(game.refusal(kGm, create(many)), Reject::full);
  EXPECT_EQ(game.refusal(kGm, create({spec("deck", "x")})), std::nullopt);
}

TEST(Turn, ShowsTheSideAskedFor) {
  Game game = zones_of_all_sorts();
  auto const a = game.at("pile", 0);
  auto const b = game.at("pile", 1);

  game.must(kAnn, turn({a, b}));
  EXPECT_EQ(game.piece(a).side, Side::back);
  EXPECT_EQ(game.piece(b).side, Side::back);

  game.must(kAnn, turn({a}, Turnover::front));
  game.must(kAnn, turn({a, b}));
  EXPECT_EQ(game.piece(a).side, Side::back);
  EXPECT_EQ(game.piece(b).side, Side::front);

  game.must(kAnn, turn({a, b}, Turnover::back));
  EXPECT_EQ(game.piece(a).side, Side::back);
  EXPECT_EQ(game.piece(b).side, Side::back);
  EXPECT_EQ(game.refusal(kAnn, turn({a, a})), Reject::bad_request);
}

TEST(Turn, OfSeveralZonesMakesOneEvent) {
  Game game = zones_of_all_sorts();
  game.must(kAnn, move(game.top("pile"), "heap"));

  auto const turned =
      game.must_change<PieceTurned>(kAnn, turn({game.top("pile"), game.top("heap"), game.at("pile", 1)}));

  ASSERT_EQ(turned.groups.size(), 2U);
  EXPECT_EQ(turned.groups[0].pieces.size(), 2U);
  EXPECT_EQ(turned.groups[1].zone, ZoneId("heap"));
}

TEST(Update, SetsWhatIsNamed) {
  Game game = zones_of_all_sorts();
  auto const a = game.top("pile");
  game.must(kGm, set_face(a, "queen"));
  game.must(kAnn, set_label(a, "mine"));
  game.must(kOwner, set_locked(a, true));

  EXPECT_EQ(game.piece(a).face, "queen");
  EXPECT_EQ(game.piece(a).label, "mine");
  EXPECT_TRUE(game.piece(a).locked);
  PieceUpdate nothing;
  nothing.piece = a;
  EXPECT_EQ(game.refusal(kGm, nothing), Reject::bad_request);
}

TEST(Remove, TakesPiecesOutOfTheGame) {
  Game game = zones_of_all_sorts();
  auto const a = game.at("pile", 0);
  auto const c = game.at("pile", 2);
  EXPECT_EQ(game.refusal(kGm, remove({a, a})), Reject::bad_request);

  game.must(kGm, remove({a, c}));

  EXPECT_EQ(game.faces("pile"), FaceList{"b"});
  EXPECT_EQ(game.state().find_piece(a), nullptr);
}

TEST(NotFound, HasTheSameWordsForWhatIsNotThereAndWhatIsNotSeen) {
  Game game = zones_of_all_sorts();
  game.must(kAnn, draw("pile", "hand:s1"));
  game.must(kGm, move(game.top("pile"), "deck"));
  auto const in_anns_hand = game.top("hand:s1");
  auto const in_the_deck = game.top("deck");
  PieceId const nowhere(4711);

  auto const operations = [](PieceId piece) {
    return std::vector<Operation>{move(piece, "board"),  move(piece, "nowhere"), turn({piece}),
                                  set_label(piece, "x"), set_face(piece, "x"),   reveal_pieces({piece}, everybody())};
  };
  for (auto const player : {kBob, kIda, kSue}) {
    auto const missing = operations(nowhere);
    for (auto const unseen : {in_anns_hand, in_the_deck}) {
      auto const asked = operations(unseen);
      for (std::size_t i = 0; i < asked.size(); ++i) {
        auto const of_missing = game.judge(player, missing[i]);
        auto const of_unseen = game.judge(player, asked[i]);
        ASSERT_FALSE(of_missing.has_value());
        ASSERT_FALSE(of_unseen.has_value());
        EXPECT_EQ(of_missing.error().why, Reject::not_found);
        EXPECT_EQ(of_unseen.error().why, of_missing.error().why);
        EXPECT_EQ(of_unseen.error().text, of_missing.error().text);
      }
    }
  }
  EXPECT_EQ(game.judge(kGm, remove({in_anns_hand})).error().text, game.judge(kGm, remove({nowhere})).error().text);
}

}  // namespace
}  // namespace tableforge::table::test
