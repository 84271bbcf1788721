#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tableforge/table/limits.hpp"

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

using FaceList = std::vector<std::string>;

Game with_open_cards(std::size_t count) {
  Game game("cards-52");
  game.must(kGm, zone_create("pile", ZoneKind::pile, Visibility::everybody));
  std::vector<PieceSpec> specs;
  for (std::size_t i = 0; i < count; ++i) specs.push_back(spec("pile", std::to_string(i)));
  if (count > 0) game.must(kGm, create(specs));
  return game;
}

TEST(Zone, IsCreatedAsAsked) {
  Game game("cards-52");
  auto create_zone = zone_create("stack", ZoneKind::deck, Visibility::owner, "s2");
  create_zone.zone.capacity = 7;
  create_zone.zone.take = Right::owner;
  create_zone.zone.put = Right::gm;
  create_zone.zone.touch = Right::none;

  auto const event = game.must(kGm, create_zone);

  EXPECT_EQ(game.zone("stack"), (Zone{.id = ZoneId("stack"),
                                      .kind = ZoneKind::deck,
                                      .visibility = Visibility::owner,
                                      .seat = SeatId("s2"),
                                      .capacity = 7,
                                      .rights = {.take = Right::owner, .put = Right::gm, .touch = Right::none},
                                      .version = event.seq,
                                      .order = {}}));
}

TEST(Zone, NeedsANewNameAndASeatThatExists) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, zone_create("deck", ZoneKind::deck, Visibility::hidden)), Reject::conflict);
  EXPECT_EQ(game.refusal(kGm, zone_create("stack", ZoneKind::deck, Visibility::hidden, "s9")), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, zone_create("stack", ZoneKind::deck, Visibility::owner)), Reject::bad_request);
}

TEST(Zone, TablesHaveRoomForSoMany) {
  Game game("blank");
  for (std::size_t i = game.state().zones.size(); i < kZonesMax; ++i) {
    game.must(kGm, zone_create("z" + std::to_string(i), ZoneKind::pile, Visibility::everybody));
  }

  EXPECT_EQ(game.refusal(kGm, zone_create("more", ZoneKind::pile, Visibility::everybody)), Reject::full);
}

TEST(Zone, IsRemovedOnlyWhenEmpty) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, zone_remove("deck")), Reject::conflict);
  EXPECT_EQ(game.refusal(kGm, zone_remove("nowhere")), Reject::not_found);
  game.must(kGm, zone_remove("muck"));
  EXPECT_EQ(game.state().find_zone(ZoneId("muck")), nullptr);
}

TEST(Shuffle, KeepsThePiecesAndChangesEveryId) {
  Game game("cards-52");
  auto const order = game.zone("deck").order;
  auto faces = game.faces("deck");

  game.must(kGm, shuffle_zone("deck"));

  std::set<PieceId> const old_ids(order.begin(), order.end());
  for (auto const id : game.zone("deck").order) EXPECT_FALSE(old_ids.contains(id));
  for (auto const id : order) EXPECT_EQ(game.state().find_piece(id), nullptr);
  auto shuffled = game.faces("deck");
  EXPECT_NE(shuffled, faces);
  std::ranges::sort(shuffled);
  std::ranges::sort(faces);
  EXPECT_EQ(shuffled, faces);
}

TEST(Shuffle, ReachesEveryOrder) {
  Game game = with_open_cards(3);
  std::set<FaceList> orders;
  for (int i = 0; i < 200; ++i) {
    game.must(kAnn, shuffle_zone("pile"));
    orders.insert(game.faces("pile"));
  }

  EXPECT_EQ(orders.size(), 6U);
}

TEST(Shuffle, IsForZonesWithAnOrder) {
  Game game("chess");

  EXPECT_EQ(game.refusal(kAnn, shuffle_zone("board")), Reject::bad_request);
  EXPECT_EQ(game.refusal(kAnn, shuffle_zone("nowhere")), Reject::not_found);
  EXPECT_EQ(game.refusal(kAnn, shuffle_zone("captured")), std::nullopt) << "an empty pile can be shuffled";
}

TEST(Draw, TakesFromTheTop) {
  Game game = with_open_cards(4);

  game.must(kAnn, draw("pile", "hand:s1", 2));
  EXPECT_EQ(game.faces("hand:s1"), (FaceList{"0", "1"}));
  EXPECT_EQ(game.faces("pile"), (FaceList{"2", "3"}));

  game.must(kAnn, draw("pile", "board", 2));
  EXPECT_EQ(game.faces("board"), (FaceList{"3", "2"})) << "each lands on top of the one before";
}

TEST(Draw, LaysOnTheSideAskedFor) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board", 1, Side::front));
  game.must(kAnn, draw("deck", "board", 1));

  EXPECT_EQ(game.piece(game.at("board", 1)).side, Side::front);
  EXPECT_EQ(game.piece(game.at("board", 0)).side, Side::back);
}

TEST(Draw, GoesToTheOwnHandByItself) {
  Game game("cards-52");
  game.must(kBob, draw("deck", {}, 3));

  EXPECT_EQ(game.count("hand:s2"), 3U);
}

TEST(Draw, ToTheOwnHandNeedsJustOne) {
  Game game("cards-52");
  EXPECT_EQ(game.refusal(kIda, draw("deck")), Reject::bad_request);

  game.must(kAnn, seat_take("s3"));
  EXPECT_EQ(game.refusal(kAnn, draw("deck")), Reject::bad_request);
  EXPECT_EQ(game.refusal(kAnn, draw("deck", "hand:s3")), std::nullopt);

  game.must(kAnn, seat_leave("s1"));
  game.must(kAnn, draw("deck"));
  EXPECT_EQ(game.count("hand:s3"), 1U);
}

TEST(Draw, TellsEmptyFromInsufficient) {
  Game game = with_open_cards(2);

  EXPECT_EQ(game.refusal(kAnn, draw("pile", "board", 3)), Reject::insufficient);
  EXPECT_EQ(game.refusal(kAnn, draw("pile", "board", 2)), std::nullopt);
  EXPECT_EQ(game.refusal(kAnn, draw("muck", "board")), Reject::empty);
}

TEST(Draw, NeedsTwoZones) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, draw("deck", "deck")), Reject::bad_request);
  EXPECT_EQ(game.refusal(kGm, draw("deck", "nowhere")), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, draw("nowhere", "board")), Reject::not_found);
}

TEST(Draw, FromABagIsAtRandom) {
  std::set<std::string> drawn;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Game game("blank", {}, seed);
    game.must(kGm, create({spec("bag", "a"), spec("bag", "b"), spec("bag", "c")}));
    game.must(kAnn, draw("bag"));
    drawn.insert(game.face_at("hand:s1", 0));
    EXPECT_EQ(game.count("bag"), 2U);
  }

  EXPECT_EQ(drawn, (std::set<std::string>{"a", "b", "c"}));
}

TEST(Deal, GoesRoundByRound) {
  Game game = with_open_cards(7);

  game.must(kGm, deal("pile", {"hand:s1", "hand:s2", "hand:s3"}, 2));

  EXPECT_EQ(game.faces("hand:s1"), (FaceList{"0", "3"}));
  EXPECT_EQ(game.faces("hand:s2"), (FaceList{"1", "4"}));
  EXPECT_EQ(game.faces("hand:s3"), (FaceList{"2", "5"}));
  EXPECT_EQ(game.faces("pile"), (FaceList{"6"}));
}

TEST(Deal, FollowsTheActiveSeat) {
  Game game("cards-52");
  EXPECT_EQ(game.refusal(kBob, deal("deck", {"hand:s2"})), Reject::forbidden);

  game.must(kAnn, TurnNext{});

  EXPECT_EQ(game.refusal(kBob, deal("deck", {"hand:s1", "hand:s2"})), std::nullopt);
  EXPECT_EQ(game.refusal(kAnn, deal("deck", {"hand:s1"})), Reject::forbidden);
}

TEST(Deal, NamesEachZoneOnce) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, deal("deck", {"hand:s1", "hand:s1"})), Reject::bad_request);
  EXPECT_EQ(game.refusal(kGm, deal("deck", {"hand:s1", "deck"})), Reject::bad_request);
  EXPECT_EQ(game.refusal(kGm, deal("deck", {"hand:s1", "nowhere"})), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, deal("nowhere", {"hand:s1"})), Reject::not_found);
}

TEST(Deal, NeedsEnoughForAll) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, deal("deck", {"hand:s1", "hand:s2"}, 27)), Reject::insufficient);
  EXPECT_EQ(game.refusal(kGm, deal("deck", {"hand:s1", "hand:s2"}, 26)), std::nullopt);
  EXPECT_EQ(game.refusal(kGm, deal("muck", {"hand:s1"})), Reject::empty);
  EXPECT_EQ(game.refusal(kGm, deal("deck", {"hand:s1", "hand:s2"}, 257)), Reject::bad_request);
}

TEST(Peek, TellsTheTopToWhoPeeked) {
  Game game("cards-52");

  auto const peeked = game.must_change<ZonePeeked>(kGm, peek("deck", 3));

  ASSERT_EQ(peeked.known.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(peeked.known[i], (KnownFace{.id = game.at("deck", i), .face = game.face_at("deck", i)}));
  }
}

TEST(Peek, TellsLessWhereThereIsLess) {
  Game game("cards-52");
  game.must(kGm, draw("deck", "muck", 2));

  EXPECT_EQ(game.must_change<ZonePeeked>(kGm, peek("muck", 10)).known.size(), 2U);
  EXPECT_EQ(game.refusal(kGm, peek("hand:s1", 1)), Reject::empty);
  EXPECT_EQ(game.refusal(kGm, peek("nowhere", 1)), Reject::not_found);
}

TEST(Peek, IsTheSeatHoldersRightToo) {
  Game game("cards-52");
  game.must(kGm, zone_create("stack", ZoneKind::deck, Visibility::hidden, "s2"));
  game.must(kGm, draw("deck", "stack", 2));

  EXPECT_EQ(game.refusal(kBob, peek("stack", 1)), std::nullopt);
  EXPECT_EQ(game.refusal(kAnn, peek("stack", 1)), Reject::forbidden);
}

TEST(Peek, LeavesEverythingAsItIs) {
  Game game("cards-52");
  auto const zones = game.state().zones;

  game.must(kGm, peek("deck", 52));

  EXPECT_EQ(game.state().zones, zones);
}

TEST(Peek, GivesTheGmNamesToMoveBy) {
  Game game("cards-52");
  auto const peeked = game.must_change<ZonePeeked>(kGm, peek("deck", 52));

  game.must(kGm, move(peeked.known[30].id, "hand:s1"));

  EXPECT_EQ(game.faces("hand:s1"), FaceList{peeked.known[30].face});
}

TEST(Reveal, TellsFacesOfAZoneOrOfPieces) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", {}, 3));

  auto const whole = game.must_change<ZoneRevealed>(kAnn, reveal_zone("hand:s1", everybody()));
  EXPECT_EQ(whole.known.size(), 3U);

  auto const one = game.must_change<ZoneRevealed>(kAnn, reveal_pieces({game.at("hand:s1", 1)}, only({kBob})));
  ASSERT_EQ(one.known.size(), 1U);
  EXPECT_EQ(one.known[0].face, game.face_at("hand:s1", 1));
  EXPECT_EQ(one.zone, ZoneId("hand:s1"));
}

TEST(Reveal, NamesPiecesOfOneZoneOnce) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", {}, 2));
  game.must(kAnn, draw("deck", "board", 1, Side::front));
  auto const card = game.top("hand:s1");

  EXPECT_EQ(game.refusal(kAnn, reveal_pieces({card, game.top("board")}, everybody())), Reject::bad_request);
  EXPECT_EQ(game.refusal(kAnn, reveal_pieces({card, card}, everybody())), Reject::bad_request);
  EXPECT_EQ(game.refusal(kAnn, ZoneReveal{}), Reject::bad_request);
  auto both = reveal_zone("hand:s1", everybody());
  both.pieces = std::vector{card};
  EXPECT_EQ(game.refusal(kAnn, both), Reject::bad_request);
}

TEST(Reveal, NeedsSomethingToShowAndSomebodyToSee) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kAnn, reveal_zone("hand:s1", everybody())), Reject::empty);
  EXPECT_EQ(game.refusal(kAnn, reveal_zone("nowhere", everybody())), Reject::not_found);
  game.must(kAnn, draw("deck"));
  EXPECT_EQ(game.refusal(kAnn, reveal_zone("hand:s1", only({kBob, kStranger}))), Reject::not_found);
}

TEST(Reveal, IsNotForWhatLiesFaceDownInPublic) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board"));

  EXPECT_EQ(game.refusal(kAnn, reveal_zone("board", everybody())), Reject::forbidden);
  EXPECT_EQ(game.refusal(kAnn, reveal_pieces({game.top("board")}, everybody())), Reject::forbidden);
}

}  // namespace
}  // namespace tableforge::table::test
