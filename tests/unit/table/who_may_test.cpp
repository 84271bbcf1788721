#include <array>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tableforge/table/decide.hpp"

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

using Verdict = std::optional<Reject>;

constexpr Verdict kYes = std::nullopt;
constexpr Verdict kNo = Reject::forbidden;
constexpr Verdict kUnseen = Reject::not_found;

/// One operation, and what each of the seven is told who ask for it.
struct Row {
  std::string_view name;
  std::function<Operation(Game const &)> operation;
  Verdict owner, gm, ann, bob, ida, sue;
};

void PrintTo(Row const &row, std::ostream *out) { *out << row.name; }

/// A hand under way: two cards in Ann's hand, two open ones on the board, Ann on turn.
Game hand_under_way() {
  Game game("cards-52");
  game.must(kGm, draw("deck", "hand:s1", 2));
  game.must(kGm, draw("deck", "board", 2, Side::front));
  game.must(kGm, counter_set("chips:s1", 100));
  game.must(kGm, counter_set("pot", 100));
  return game;
}

class WhoMay : public testing::TestWithParam<Row> {};

TEST_P(WhoMay, IsAsPublished) {
  auto const &row = GetParam();
  struct Asked {
    std::string_view name;
    PlayerId player;
    Verdict verdict;
  };
  std::array<Asked, 7> const everyone{{{"owner", kOwner, row.owner},
                                       {"gm", kGm, row.gm},
                                       {"ann, seated", kAnn, row.ann},
                                       {"bob, seated", kBob, row.bob},
                                       {"ida, without a seat", kIda, row.ida},
                                       {"sue, spectator", kSue, row.sue},
                                       {"a stranger", kStranger, Reject::forbidden}}};
  Game game = hand_under_way();
  for (auto const &[name, player, verdict] : everyone) {
    auto const refusal = game.refusal(player, row.operation(game));
    EXPECT_EQ(refusal, verdict) << name << ": " << (refusal ? word(*refusal) : "accepted");
  }
}

Operation new_zone(Game const &) { return zone_create("shelf", ZoneKind::pile, Visibility::everybody); }

INSTANTIATE_TEST_SUITE_P(
    Seats, WhoMay,
    testing::Values(Row{"take", [](Game const &) { return seat_take("s3"); }, kYes, kYes, kYes, kYes, kYes, kNo},
                    Row{"leave", [](Game const &) { return seat_leave("s1"); }, kNo, kNo, kYes, kNo, kNo, kNo},
                    Row{"assign", [](Game const &) { return seat_assign("s3", kIda); }, kYes, kYes, kNo, kNo, kNo, kNo},
                    Row{"grant", [](Game const &) { return role_grant(kIda, Role::gm); }, kYes, kNo, kNo, kNo, kNo,
                        kNo},
                    Row{"configure", [](Game const &) { return name_table("Home"); }, kYes, kYes, kNo, kNo, kNo, kNo}));

INSTANTIATE_TEST_SUITE_P(
    Pieces, WhoMay,
    testing::Values(
        Row{"create", [](Game const &) { return create({spec("board", "Joker")}); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"move_in_public", [](Game const &g) { return move(g.top("board"), "muck"); }, kYes, kYes, kYes, kYes, kNo,
            kNo},
        Row{"move_within_public", [](Game const &g) { return move(g.top("board"), "board", 1); }, kYes, kYes, kYes,
            kYes, kNo, kNo},
        Row{"move_out_of_a_hand", [](Game const &g) { return move(g.top("hand:s1"), "board"); }, kUnseen, kUnseen, kYes,
            kUnseen, kUnseen, kUnseen},
        Row{"move_into_a_hand", [](Game const &g) { return move(g.top("board"), "hand:s1"); }, kYes, kYes, kYes, kNo,
            kNo, kNo},
        Row{"move_out_of_the_deck", [](Game const &g) { return move(g.top("deck"), "board"); }, kYes, kYes, kUnseen,
            kUnseen, kUnseen, kUnseen},
        Row{"turn_in_public", [](Game const &g) { return turn({g.top("board")}); }, kYes, kYes, kYes, kYes, kNo, kNo},
        Row{"turn_in_a_hand", [](Game const &g) { return turn({g.top("hand:s1")}); }, kUnseen, kUnseen, kYes, kUnseen,
            kUnseen, kUnseen},
        Row{"turn_in_the_deck", [](Game const &g) { return turn({g.top("deck")}); }, kYes, kYes, kUnseen, kUnseen,
            kUnseen, kUnseen},
        Row{"label_in_public", [](Game const &g) { return set_label(g.top("board"), "x"); }, kYes, kYes, kYes, kYes,
            kNo, kNo},
        Row{"label_in_a_hand", [](Game const &g) { return set_label(g.top("hand:s1"), "x"); }, kUnseen, kUnseen, kYes,
            kUnseen, kUnseen, kUnseen},
        Row{"set_face", [](Game const &g) { return set_face(g.top("board"), "x"); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"lock", [](Game const &g) { return set_locked(g.top("board"), true); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"set_face_in_a_hand", [](Game const &g) { return set_face(g.top("hand:s1"), "x"); }, kUnseen, kUnseen, kNo,
            kUnseen, kUnseen, kUnseen},
        Row{"remove", [](Game const &g) { return remove({g.top("board")}); }, kYes, kYes, kNo, kNo, kNo, kNo}));

INSTANTIATE_TEST_SUITE_P(
    Zones, WhoMay,
    testing::Values(
        Row{"create", new_zone, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"remove", [](Game const &) { return zone_remove("muck"); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"shuffle_the_deck", [](Game const &) { return shuffle_zone("deck"); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"shuffle_a_hand", [](Game const &) { return shuffle_zone("hand:s1"); }, kNo, kNo, kYes, kNo, kNo, kNo},
        Row{"shuffle_in_public", [](Game const &) { return shuffle_zone("board"); }, kYes, kYes, kYes, kYes, kNo, kNo},
        Row{"draw", [](Game const &) { return draw("deck", "board"); }, kYes, kYes, kYes, kYes, kNo, kNo},
        Row{"draw_to_a_hand", [](Game const &) { return draw("deck", "hand:s1"); }, kYes, kYes, kYes, kNo, kNo, kNo},
        Row{"draw_from_a_hand", [](Game const &) { return draw("hand:s1", "board"); }, kNo, kNo, kYes, kNo, kNo, kNo},
        Row{"draw_to_ones_own_hand", [](Game const &) { return draw("deck"); }, Reject::bad_request,
            Reject::bad_request, kYes, kYes, Reject::bad_request, Reject::bad_request},
        Row{"deal", [](Game const &) { return deal("deck", {"hand:s1", "hand:s2"}, 2); }, kYes, kYes, kYes, kNo, kNo,
            kNo},
        Row{"peek_into_the_deck", [](Game const &) { return peek("deck", 3); }, kNo, kYes, kNo, kNo, kNo, kNo},
        Row{"peek_into_a_hand", [](Game const &) { return peek("hand:s1", 3); }, kNo, kYes, kYes, kNo, kNo, kNo},
        Row{"reveal_a_hand", [](Game const &) { return reveal_zone("hand:s1", everybody()); }, kNo, kNo, kYes, kNo, kNo,
            kNo},
        Row{"reveal_the_deck", [](Game const &) { return reveal_zone("deck", everybody()); }, kNo, kNo, kNo, kNo, kNo,
            kNo},
        Row{"reveal_pieces_of_a_hand", [](Game const &g) { return reveal_pieces({g.top("hand:s1")}, everybody()); },
            kUnseen, kUnseen, kYes, kUnseen, kUnseen, kUnseen},
        Row{"reveal_what_is_open", [](Game const &) { return reveal_zone("board", everybody()); }, kYes, kYes, kYes,
            kYes, kYes, kYes}));

INSTANTIATE_TEST_SUITE_P(
    Counters, WhoMay,
    testing::Values(
        Row{"create", [](Game const &) { return counter_create("ante", 5); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"create_at_a_seat", [](Game const &) { return counter_create("bet:s1", 5, "s1"); }, kYes, kYes, kYes, kNo,
            kNo, kNo},
        Row{"set", [](Game const &) { return counter_set("pot", 5); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"set_at_a_seat", [](Game const &) { return counter_set("chips:s1", 5); }, kYes, kYes, kYes, kNo, kNo, kNo},
        Row{"add", [](Game const &) { return counter_add("pot", 5); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"add_at_a_seat", [](Game const &) { return counter_add("chips:s1", 5); }, kYes, kYes, kYes, kNo, kNo, kNo},
        Row{"transfer", [](Game const &) { return transfer("pot", "chips:s1", 5); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"transfer_from_a_seat", [](Game const &) { return transfer("chips:s1", "pot", 5); }, kYes, kYes, kYes, kNo,
            kNo, kNo}));

INSTANTIATE_TEST_SUITE_P(
    TurnsAndTalk, WhoMay,
    testing::Values(
        Row{"order", [](Game const &) { return turn_order({"s2", "s1"}); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"set", [](Game const &) { return turn_set("s2"); }, kYes, kYes, kNo, kNo, kNo, kNo},
        Row{"next", [](Game const &) { return TurnNext{}; }, kYes, kYes, kYes, Reject::not_your_turn, kNo, kNo},
        Row{"roll", [](Game const &) { return dice_roll("2d6"); }, kYes, kYes, kYes, kYes, kNo, kNo},
        Row{"say", [](Game const &) { return say("hello"); }, kYes, kYes, kYes, kYes, kYes, kYes},
        Row{"whisper", [](Game const &) { return whisper({kBob}, "psst"); }, kYes, kYes, kYes, kYes, kYes, kNo}));

/// A zone that narrows one right, and an operation that needs it.
struct Narrowing {
  std::string_view name;
  Right right;
  Verdict owner, gm, ann, bob;
};

void PrintTo(Narrowing const &narrowing, std::ostream *out) { *out << narrowing.name; }

class Narrowed : public testing::TestWithParam<Narrowing> {
 protected:
  /// A public pile at Ann's seat with one card and that narrowing.
  Game with(Right ZoneRights::*which) {
    Game game("cards-52");
    ZoneRights rights;
    rights.*which = GetParam().right;
    auto shelf = zone_create("shelf", ZoneKind::pile, Visibility::everybody, "s1");
    shelf.zone.take = rights.take;
    shelf.zone.put = rights.put;
    shelf.zone.touch = rights.touch;
    game.must(kGm, shelf);
    game.must(kGm, create({spec("shelf", "Joker"), spec("board", "Fool")}));
    return game;
  }

  void expect(Game &game, Operation const &operation) {
    auto const &row = GetParam();
    EXPECT_EQ(game.refusal(kOwner, operation), row.owner);
    EXPECT_EQ(game.refusal(kGm, operation), row.gm);
    EXPECT_EQ(game.refusal(kAnn, operation), row.ann);
    EXPECT_EQ(game.refusal(kBob, operation), row.bob);
  }
};

TEST_P(Narrowed, TakeHoldsForMoves) {
  Game game = with(&ZoneRights::take);
  expect(game, move(game.top("shelf"), "board"));
}

TEST_P(Narrowed, TakeHoldsForDraws) {
  Game game = with(&ZoneRights::take);
  expect(game, draw("shelf", "board"));
}

TEST_P(Narrowed, PutHoldsForMoves) {
  Game game = with(&ZoneRights::put);
  expect(game, move(game.top("board"), "shelf"));
}

TEST_P(Narrowed, PutHoldsForDraws) {
  Game game = with(&ZoneRights::put);
  expect(game, draw("deck", "shelf"));
}

TEST_P(Narrowed, PutHoldsForDeals) {
  Game game = with(&ZoneRights::put);
  auto const &row = GetParam();
  EXPECT_EQ(game.refusal(kGm, deal("deck", {"shelf"})), row.gm);
  EXPECT_EQ(game.refusal(kAnn, deal("deck", {"shelf"})), row.ann);
}

TEST_P(Narrowed, TouchHoldsForTurns) {
  Game game = with(&ZoneRights::touch);
  expect(game, turn({game.top("shelf")}));
}

TEST_P(Narrowed, TouchHoldsForShuffles) {
  Game game = with(&ZoneRights::touch);
  expect(game, shuffle_zone("shelf"));
}

INSTANTIATE_TEST_SUITE_P(Rights, Narrowed,
                         testing::Values(Narrowing{"all", Right::all, kYes, kYes, kYes, kYes},
                                         Narrowing{"owner", Right::owner, kNo, kNo, kYes, kNo},
                                         Narrowing{"gm", Right::gm, kYes, kYes, kNo, kNo},
                                         Narrowing{"none", Right::none, kNo, kNo, kNo, kNo}));

TEST(Rights, NarrowingNeverWidens) {
  Game game("cards-52");
  auto vault = zone_create("vault", ZoneKind::pile, Visibility::owner, "s1");
  vault.zone.take = Right::gm;
  vault.zone.touch = Right::gm;
  game.must(kGm, vault);
  game.must(kGm, create({spec("vault", "Joker")}));

  EXPECT_EQ(game.refusal(kGm, move(game.top("vault"), "board")), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, shuffle_zone("vault")), Reject::forbidden);
  EXPECT_EQ(game.refusal(kAnn, move(game.top("vault"), "board")), Reject::forbidden);
}

TEST(Rights, AHandAtAnEmptySeatIsNobodys) {
  Game game("cards-52");
  game.must(kGm, draw("deck", "hand:s3"));

  for (auto const player : {kOwner, kGm, kAnn, kIda}) {
    EXPECT_EQ(game.refusal(player, move(game.top("hand:s3"), "board")), Reject::not_found);
  }
}

TEST(Rights, FollowTheSeatNotThePlayer) {
  Game game("cards-52");
  game.must(kGm, draw("deck", "hand:s1"));
  game.must(kAnn, seat_leave("s1"));
  game.must(kIda, seat_take("s1"));

  EXPECT_EQ(game.refusal(kAnn, move(game.top("hand:s1"), "board")), Reject::not_found);
  EXPECT_EQ(game.refusal(kIda, move(game.top("hand:s1"), "board")), std::nullopt);
}

}  // namespace
}  // namespace tableforge::table::test
