#include "tableforge/table/project.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "unit/table/game.hpp"
#include "unit/table/seen.hpp"

namespace tableforge::table::test {
namespace {

std::array<Viewer, 8> const kEveryone{kOwner, kGm, kAnn, kBob, kIda, kSue, kStranger, kNobody};

std::set<std::string> keys(Json const &object) {
  std::set<std::string> names;
  for (auto const &[name, unused] : object.items()) names.insert(name);
  return names;
}

std::string text(PieceId id) { return to_text(id); }

/// Everybody not named by the event gets the bytes that nobody in particular gets.
void expect_named_are_enough(Event const &event) {
  auto const named = named_players(event);
  for (auto const viewer : kEveryone) {
    if (viewer && std::ranges::find(named, *viewer) != named.end()) continue;
    EXPECT_EQ(wire(event, viewer), wire(event, kNobody));
  }
}

TEST(StateSeen, APublicZoneIsWholeForEverybody) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board", 1, Side::front));
  game.must(kAnn, draw("deck", "board", 1, Side::back));
  auto const open = game.at("board", 1);

  for (auto const viewer : kEveryone) {
    auto const zone = seen_zone(game.state(), viewer, "board");
    ASSERT_EQ(zone.at("pieces").size(), 2U);
    EXPECT_EQ(zone.at("count"), 2);
    EXPECT_FALSE(zone.contains("back"));
    EXPECT_EQ(zone.at("pieces")[1], (Json{{"id", text(open)},
                                          {"kind", "card"},
                                          {"index", 1},
                                          {"rotation", 0},
                                          {"side", "front"},
                                          {"face", game.piece(open).face},
                                          {"back", "blue"},
                                          {"locked", false},
                                          {"label", ""}}));
    EXPECT_EQ(zone.at("pieces")[0].at("id"), text(game.top("board")));
    EXPECT_FALSE(zone.at("pieces")[0].contains("face")) << "face down";
  }
}

TEST(StateSeen, ABoardSaysPlacesInsteadOfIndexes) {
  Game game("chess");

  auto const piece = seen_zone(game.state(), kSue, "board").at("pieces")[4];

  EXPECT_EQ(piece.at("face"), "K");
  EXPECT_EQ(piece.at("x"), 4);
  EXPECT_EQ(piece.at("y"), 0);
  EXPECT_FALSE(piece.contains("index"));
}

TEST(StateSeen, AHandIsWholeForItsHolderAlone) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", {}, 2));

  auto const own = seen_zone(game.state(), kAnn, "hand:s1");
  EXPECT_EQ(own.at("pieces").size(), 2U);
  EXPECT_EQ(own.at("pieces")[0].at("side"), "back");
  EXPECT_EQ(own.at("pieces")[0].at("face"), game.face_at("hand:s1", 0));
  for (auto const viewer : kEveryone) {
    if (viewer == Viewer(kAnn)) continue;
    auto const zone = seen_zone(game.state(), viewer, "hand:s1");
    EXPECT_EQ(keys(zone), (std::set<std::string>{"id", "kind", "visibility", "seat", "version", "count", "back"}));
    EXPECT_EQ(zone.at("count"), 2);
    EXPECT_EQ(zone.at("back"), "blue");
  }
}

TEST(StateSeen, AHiddenZoneIsACountForEverybody) {
  Game game("cards-52");

  for (auto const viewer : kEveryone) {
    auto const zone = seen_zone(game.state(), viewer, "deck");
    EXPECT_EQ(keys(zone), (std::set<std::string>{"id", "kind", "visibility", "seat", "version", "count", "back"}));
    EXPECT_EQ(zone.at("count"), 52);
    EXPECT_FALSE(seen_zone(game.state(), viewer, "muck").contains("back")) << "empty";
  }
}

TEST(StateSeen, MixedBacksAreNoCommonBack) {
  Game game("cards-52");
  game.must(kGm, create({spec("deck", "Joker", "red")}));

  EXPECT_FALSE(seen_zone(game.state(), kGm, "deck").contains("back"));
}

TEST(StateSeen, SaysWhatItsPublishedFieldsSay) {
  Game game("cards-52", 2);
  game.must(kGm, turn_set("s2", "flop"));
  auto const state = Json::parse(wire(game.state(), kAnn));

  EXPECT_EQ(keys(state), (std::set<std::string>{"seq", "state"}));
  EXPECT_EQ(state.at("seq"), game.state().seq);
  auto const &shown = state.at("state");
  EXPECT_EQ(keys(shown), (std::set<std::string>{"table", "players", "seats", "zones", "counters", "turn", "chat"}));
  EXPECT_EQ(shown.at("table"), (Json{{"id", "00000000-0000-0000-0000-0000000000aa"},
                                     {"name", "Test table"},
                                     {"system", {{"id", "cards-52"}, {"version", 1}}},
                                     {"grid", {{"size", 1}, {"snap", false}}},
                                     {"turn_enforced", false},
                                     {"created_at", to_rfc3339(kStart)}}));
  EXPECT_EQ(shown.at("players")[0],
            (Json{{"id", kOwner.value.text()}, {"name", "Olga"}, {"role", "owner"}, {"online", false}}));
  EXPECT_EQ(shown.at("seats")[0], (Json{{"id", "s1"}, {"name", "Seat 1"}, {"player", kAnn.value.text()}}));
  EXPECT_EQ(shown.at("counters")[0], (Json{{"id", "chips:s1"}, {"seat", "s1"}, {"value", 0}, {"min", 0}}));
  EXPECT_EQ(shown.at("counters")[2].at("seat"), nullptr);
  EXPECT_EQ(shown.at("turn"),
            (Json{{"order", Json::array({"s1", "s2"})}, {"active", "s2"}, {"round", 1}, {"phase", "flop"}}));
}

TEST(StateSeen, TellsWhoIsOnline) {
  Game game("blank");

  auto const shown = project(game.state(), kAnn, [](PlayerId player) { return player == kBob; });

  for (auto const &player : shown.players) EXPECT_EQ(player.online, player.id == kBob);
}

TEST(MoveSeen, DrawingNamesTheCardToItsOwnerAlone) {
  Game game("cards-52");
  auto const event = game.must(kAnn, draw("deck", {}, 2));
  auto const &card = game.piece(game.at("hand:s1", 0));

  auto const own = seen_data(event, kAnn);
  ASSERT_EQ(own.at("moves").size(), 2U);
  EXPECT_EQ(own.at("moves")[0], (Json{{"piece", text(game.at("hand:s1", 0))},
                                      {"from", "deck"},
                                      {"to", "hand:s1"},
                                      {"index", 0},
                                      {"side", "back"},
                                      {"rotation", 0},
                                      {"face", card.face},
                                      {"kind", "card"},
                                      {"back", "blue"},
                                      {"label", ""},
                                      {"locked", false}}));
  for (auto const viewer : kEveryone) {
    if (viewer == Viewer(kAnn)) continue;
    EXPECT_EQ(seen_data(event, viewer), (Json{{"from", "deck"}, {"to", "hand:s1"}, {"count", 2}}));
  }
  EXPECT_EQ(named_players(event), std::vector{kAnn});
}

TEST(MoveSeen, DealingNamesToEachTheirOwn) {
  Game game("cards-52");
  auto const event = game.must(kGm, deal("deck", {"hand:s1", "hand:s2"}, 2));

  auto const anns = seen_data(event, kAnn).at("moves");
  ASSERT_EQ(anns.size(), 4U);
  EXPECT_EQ(anns[0].at("face"), game.face_at("hand:s1", 0));
  EXPECT_EQ(anns[1], (Json{{"from", "deck"}, {"to", "hand:s2"}, {"count", 1}}));
  EXPECT_EQ(anns[2].at("face"), game.face_at("hand:s1", 1));
  auto const others = seen_data(event, kGm).at("moves");
  EXPECT_EQ(others, Json::array({{{"from", "deck"}, {"to", "hand:s1"}, {"count", 1}},
                                 {{"from", "deck"}, {"to", "hand:s2"}, {"count", 1}},
                                 {{"from", "deck"}, {"to", "hand:s1"}, {"count", 1}},
                                 {{"from", "deck"}, {"to", "hand:s2"}, {"count", 1}}}));
  expect_named_are_enough(event);
}

TEST(MoveSeen, PlayingACardNamesItAnewToAll) {
  Game game("cards-52");
  game.must(kAnn, draw("deck"));
  auto const in_hand = game.top("hand:s1");
  auto const event = game.must(kAnn, move(in_hand, "board", {}, Side::front));
  auto const on_board = game.top("board");

  auto const own = seen_data(event, kAnn).at("moves")[0];
  EXPECT_EQ(own.at("piece"), text(in_hand));
  EXPECT_EQ(own.at("new_id"), text(on_board));
  EXPECT_FALSE(own.contains("kind")) << "she has seen it before";
  for (auto const viewer : {Viewer(kBob), Viewer(kGm), Viewer(kSue), kNobody}) {
    auto const others = seen_data(event, viewer).at("moves")[0];
    EXPECT_EQ(others.at("piece"), text(on_board));
    EXPECT_FALSE(others.contains("new_id"));
    EXPECT_EQ(others.at("face"), game.piece(on_board).face);
    EXPECT_EQ(others.at("kind"), "card");
    EXPECT_EQ(others.at("back"), "blue");
    EXPECT_EQ(others.at("label"), "");
    EXPECT_EQ(others.at("locked"), false);
  }
}

TEST(MoveSeen, FaceDownIntoPublicShowsNoFace) {
  Game game("cards-52");
  game.must(kAnn, draw("deck"));
  auto const event = game.must(kAnn, move(game.top("hand:s1"), "board"));

  for (auto const viewer : kEveryone) {
    EXPECT_FALSE(seen_data(event, viewer).at("moves")[0].contains("face"));
  }
}

TEST(MoveSeen, OutOfSightShowsNeitherPlaceNorNewName) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board", 2, Side::front));
  auto const card = game.top("board");
  auto const event = game.must(kGm, move(card, "muck", 0));

  for (auto const viewer : kEveryone) {
    EXPECT_EQ(seen_data(event, viewer).at("moves")[0],
              (Json{{"piece", text(card)}, {"from", "board"}, {"to", "muck"}}));
  }
}

TEST(MoveSeen, FoldingShowsOthersACount) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", {}, 2));
  auto const first = game.at("hand:s1", 0);
  auto const second = game.at("hand:s1", 1);
  auto const event = game.must(kAnn, moves({to_zone(first, "muck"), to_zone(second, "muck")}));

  EXPECT_EQ(seen_data(event, kAnn).at("moves"),
            Json::array({{{"piece", text(first)}, {"from", "hand:s1"}, {"to", "muck"}},
                         {{"piece", text(second)}, {"from", "hand:s1"}, {"to", "muck"}}}));
  EXPECT_EQ(seen_data(event, kBob), (Json{{"from", "hand:s1"}, {"to", "muck"}, {"count", 2}}));
}

TEST(MoveSeen, WithinAPublicZoneKeepsTheName) {
  Game game("chess");
  auto const pawn = game.at("board", 12);
  auto const event = game.must(kAnn, moves({to_place(pawn, "board", 4, 3)}));

  EXPECT_EQ(seen_data(event, kSue), (Json{{"moves", Json::array({{{"piece", text(pawn)},
                                                                  {"from", "board"},
                                                                  {"to", "board"},
                                                                  {"x", 4},
                                                                  {"y", 3},
                                                                  {"side", "front"},
                                                                  {"rotation", 0},
                                                                  {"face", "P"}}})}}));
}

TEST(MoveSeen, StaysWithWhoSawItThen) {
  Game game("cards-52");
  auto const event = game.must(kAnn, draw("deck"));
  game.must(kAnn, seat_leave("s1"));
  game.must(kIda, seat_take("s1"));

  EXPECT_TRUE(seen_data(event, kAnn).contains("moves"));
  EXPECT_FALSE(seen_data(event, kIda).contains("moves")) << "a seat gained later opens nothing of before";
}

TEST(BacksSeen, AreToldWherePiecesLeaveMixedOnes) {
  Game game("cards-52");
  auto const created = game.must(kGm, create({spec("deck", "Joker", "red")}));
  EXPECT_EQ(seen_data(created, kSue).at("backs"), Json::array({{{"zone", "deck"}, {"back", nullptr}}}));

  auto const drawn = game.must(kGm, draw("deck", "hand:s1", 2));
  EXPECT_EQ(seen_data(drawn, kSue).at("backs"),
            Json::array({{{"zone", "deck"}, {"back", nullptr}}, {{"zone", "hand:s1"}, {"back", "blue"}}}));
  EXPECT_EQ(seen_data(drawn, kAnn).at("backs"), Json::array({{{"zone", "deck"}, {"back", nullptr}}}))
      << "she sees her hand itself";

  auto const removed = game.must(kGm, remove({game.zone("deck").order.back()}));
  EXPECT_EQ(seen_data(removed, kSue).at("backs"), Json::array({{{"zone", "deck"}, {"back", "blue"}}}));
  EXPECT_FALSE(seen_data(game.must(kGm, draw("deck", "hand:s1")), kSue).contains("backs"));
}

TEST(CreateSeen, NamesWhereSeenAndCountsElsewhere) {
  Game game("cards-52");
  auto open = spec("board", "O");
  auto covered = spec("board", "C");
  covered.side = Side::back;
  auto const event =
      game.must(kGm, create({open, covered, spec("deck", "D"), spec("hand:s1", "H"), spec("deck", "D2")}));

  auto const anns = seen_data(event, kAnn);
  ASSERT_EQ(anns.at("pieces").size(), 3U);
  EXPECT_EQ(anns.at("pieces")[0].at("piece").at("face"), "O");
  EXPECT_FALSE(anns.at("pieces")[1].at("piece").contains("face"));
  EXPECT_EQ(anns.at("pieces")[2].at("zone"), "hand:s1");
  EXPECT_EQ(anns.at("pieces")[2].at("piece").at("face"), "H");
  EXPECT_EQ(anns.at("counts"), Json::array({{{"zone", "deck"}, {"count", 2}}}));
  auto const gms = seen_data(event, kGm);
  EXPECT_EQ(gms.at("pieces").size(), 2U) << "also who created it does not see into the hand";
  EXPECT_EQ(gms.at("counts"), Json::array({{{"zone", "deck"}, {"count", 2}}, {{"zone", "hand:s1"}, {"count", 1}}}));
  expect_named_are_enough(event);
}

TEST(TurnSeen, ShowsTheFaceThatCameUp) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board"));
  auto const card = game.top("board");

  auto const up = game.must(kBob, turn({card}));
  EXPECT_EQ(
      seen_data(up, kNobody).at("pieces"),
      Json::array({{{"piece", text(card)}, {"zone", "board"}, {"side", "front"}, {"face", game.piece(card).face}}}));

  auto const down = game.must(kBob, turn({card}));
  EXPECT_EQ(seen_data(down, kNobody).at("pieces"),
            Json::array({{{"piece", text(card)}, {"zone", "board"}, {"side", "back"}}}));
}

TEST(TurnSeen, InAHandIsACountForOthers) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", {}, 2));
  auto const event = game.must(kAnn, turn({game.top("hand:s1")}));

  EXPECT_EQ(seen_data(event, kAnn).at("pieces")[0].at("face"), game.face_at("hand:s1", 0));
  EXPECT_EQ(seen_data(event, kBob),
            (Json{{"pieces", Json::array()}, {"counts", Json::array({{{"zone", "hand:s1"}, {"count", 1}}})}}));
  expect_named_are_enough(event);
}

TEST(TurnSeen, InTheDeckIsACountForTheGmToo) {
  Game game("cards-52");
  auto const event = game.must(kGm, turn({game.top("deck")}));

  EXPECT_EQ(seen_data(event, kGm),
            (Json{{"pieces", Json::array()}, {"counts", Json::array({{{"zone", "deck"}, {"count", 1}}})}}));
}

TEST(UpdateSeen, ShowsAFaceOnlyWhereItShows) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board"));
  auto const covered = game.top("board");
  auto const hidden = game.must(kGm, set_face(covered, "Joker"));
  EXPECT_EQ(seen_data(hidden, kGm), (Json{{"zone", "board"}, {"piece", text(covered)}, {"set", Json::object()}}));

  game.must(kAnn, turn({covered}));
  auto const open = game.must(kGm, set_face(covered, "Fool"));
  EXPECT_EQ(seen_data(open, kSue).at("set"), (Json{{"face", "Fool"}}));
}

TEST(UpdateSeen, NamesThePieceOnlyToWhoSeesIt) {
  Game game("cards-52");
  game.must(kAnn, draw("deck"));
  auto const event = game.must(kAnn, set_label(game.top("hand:s1"), "keep"));
  EXPECT_EQ(seen_data(event, kAnn).at("set"), (Json{{"label", "keep"}}));
  EXPECT_EQ(seen_data(event, kGm), (Json{{"zone", "hand:s1"}}));

  auto const in_deck = game.must(kGm, set_locked(game.top("deck"), true));
  EXPECT_EQ(seen_data(in_deck, kGm), (Json{{"zone", "deck"}}));
}

TEST(RemoveSeen, NamesWhereSeenAndCountsElsewhere) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board"));
  auto const card = game.top("board");
  auto const event = game.must(kGm, remove({card, game.at("deck", 0), game.at("deck", 5)}));

  EXPECT_EQ(seen_data(event, kGm), (Json{{"pieces", Json::array({{{"piece", text(card)}, {"zone", "board"}}})},
                                         {"counts", Json::array({{{"zone", "deck"}, {"count", 2}}})}}));
}

TEST(ShuffleSeen, ShowsTheNewOrderToWhoSeesTheZone) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", {}, 3));
  auto const event = game.must(kAnn, shuffle_zone("hand:s1"));

  auto const own = seen_data(event, kAnn);
  EXPECT_EQ(own.at("pieces"), seen_zone(game.state(), kAnn, "hand:s1").at("pieces"));
  EXPECT_EQ(own.at("pieces")[2].at("face"), game.face_at("hand:s1", 2));
  EXPECT_EQ(seen_data(event, kBob), (Json{{"zone", "hand:s1"}, {"count", 3}}));

  auto const of_deck = game.must(kGm, shuffle_zone("deck"));
  for (auto const viewer : kEveryone) {
    EXPECT_EQ(seen_data(of_deck, viewer), (Json{{"zone", "deck"}, {"count", 49}}));
  }
}

TEST(ShuffleSeen, InPublicShowsNoFaceOfCoveredCards) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", "board", 3));
  game.must(kAnn, turn({game.top("board")}));
  auto const event = game.must(kAnn, shuffle_zone("board"));

  int open = 0;
  auto const shown = seen_data(event, kSue);
  for (auto const &piece : shown.at("pieces")) {
    EXPECT_EQ(piece.contains("face"), piece.at("side") == "front");
    open += piece.contains("face") ? 1 : 0;
  }
  EXPECT_EQ(open, 1);
}

TEST(PeekSeen, TellsOthersThatItHappenedAndHowMany) {
  Game game("cards-52");
  auto const event = game.must(kGm, peek("deck", 2));

  EXPECT_EQ(seen_data(event, kGm).at("known")[1],
            (Json{{"id", text(game.at("deck", 1))}, {"face", game.face_at("deck", 1)}}));
  for (auto const viewer : kEveryone) {
    if (viewer == Viewer(kGm)) continue;
    EXPECT_EQ(seen_data(event, viewer), (Json{{"zone", "deck"}, {"count", 2}}));
  }
  EXPECT_EQ(named_players(event), std::vector{kGm});
}

TEST(RevealSeen, TellsTheNamedAndWhoRevealed) {
  Game game("cards-52");
  game.must(kAnn, draw("deck", {}, 2));
  auto const event = game.must(kAnn, reveal_zone("hand:s1", only({kBob})));

  for (auto const viewer : {kAnn, kBob}) EXPECT_EQ(seen_data(event, viewer).at("known").size(), 2U);
  for (auto const viewer : {Viewer(kGm), Viewer(kOwner), Viewer(kSue), kNobody}) {
    EXPECT_EQ(seen_data(event, viewer), (Json{{"zone", "hand:s1"}, {"count", 2}}));
  }
  expect_named_are_enough(event);

  auto const showdown = game.must(kAnn, reveal_zone("hand:s1", everybody()));
  for (auto const viewer : kEveryone) EXPECT_EQ(seen_data(showdown, viewer).at("known").size(), 2U);
  EXPECT_FALSE(seen_zone(game.state(), kBob, "hand:s1").contains("pieces")) << "it opens nothing for later";
}

TEST(EventSeen, CarriesItsMarks) {
  Game game("cards-52");
  auto const event = game.must(kAnn, say("hello"));

  EXPECT_EQ(seen(event, kBob), (Json{{"ev", "chat.said"},
                                     {"seq", event.seq},
                                     {"at", to_rfc3339(event.at)},
                                     {"by", kAnn.value.text()},
                                     {"id", event.action.value},
                                     {"client", "tab"},
                                     {"data", {{"text", "hello"}}}}));
}

TEST(EventSeen, OfTheServersOwnHasNoAction) {
  Game game("cards-52");
  auto const joined = seen(game.events().at(1), kBob);

  EXPECT_EQ(keys(joined), (std::set<std::string>{"ev", "seq", "at", "by", "data"}));
  EXPECT_EQ(joined.at("data"), (Json{{"player", kGm.value.text()}, {"name", "Gus"}, {"role", "gm"}}));
}

TEST(EventSeen, OfSeatsRolesAndTable) {
  Game game("chess");
  auto const ann = kAnn.value.text();

  EXPECT_EQ(seen_data(game.must(kAnn, seat_leave("white")), kNobody), (Json{{"seat", "white"}, {"player", ann}}));
  EXPECT_EQ(seen_data(game.must(kAnn, seat_take("white")), kNobody), (Json{{"seat", "white"}, {"player", ann}}));
  EXPECT_EQ(seen_data(game.must(kGm, seat_assign("black", std::nullopt)), kNobody),
            (Json{{"seat", "black"}, {"player", nullptr}}));
  EXPECT_EQ(seen_data(game.must(kOwner, role_grant(kAnn, Role::spectator)), kNobody),
            (Json{{"player", ann}, {"role", "spectator"}, {"vacated", Json::array({"white"})}}));
  EXPECT_EQ(seen_data(game.must(kOwner, enforce_turns(true)), kNobody), (Json{{"turn_enforced", true}}));
}

TEST(EventSeen, OfZonesCountersAndTurns) {
  Game game("cards-52");

  auto const created = game.must(kGm, zone_create("shelf", ZoneKind::pile, Visibility::owner, "s1"));
  EXPECT_EQ(seen_data(created, kAnn), (Json{{"zone",
                                             {{"id", "shelf"},
                                              {"kind", "pile"},
                                              {"visibility", "owner"},
                                              {"seat", "s1"},
                                              {"version", created.seq},
                                              {"count", 0}}}}));
  EXPECT_EQ(seen_data(game.must(kGm, zone_remove("shelf")), kAnn), (Json{{"zone", "shelf"}}));
  EXPECT_EQ(seen_data(game.must(kGm, counter_set("pot", 9)), kAnn),
            (Json{{"counters", Json::array({{{"id", "pot"}, {"seat", nullptr}, {"value", 9}, {"min", 0}}})}}));
  EXPECT_EQ(seen_data(game.must(kGm, transfer("pot", "chips:s1", 4)), kAnn),
            (Json{{"from", "pot"},
                  {"to", "chips:s1"},
                  {"amount", 4},
                  {"counters", Json::array({{{"id", "pot"}, {"value", 5}}, {{"id", "chips:s1"}, {"value", 4}}})}}));
  EXPECT_EQ(seen_data(game.must(kGm, turn_order({})), kAnn),
            (Json{{"order", Json::array()}, {"active", nullptr}, {"round", 1}, {"phase", nullptr}}));
}

TEST(EventSeen, TheFirstIsTheStateAsEverybodySawIt) {
  Game game("cards-52", 2);
  auto const &created = game.events().front();

  for (auto const viewer : kEveryone) EXPECT_EQ(wire(created, viewer), wire(created, kNobody));
  auto const state = seen_data(created, kOwner).at("state");
  EXPECT_EQ(state.at("zones")[0].at("count"), 52);
  EXPECT_FALSE(state.at("zones")[0].contains("pieces"));
  EXPECT_EQ(state.at("players").size(), 1U);
}

}  // namespace
}  // namespace tableforge::table::test
