#include <gtest/gtest.h>

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

TEST(Turn, ANewTableHasAllSeatsInOrder) {
  Game game("chess");

  EXPECT_EQ(game.state().turn.order, (std::vector{SeatId("white"), SeatId("black")}));
  EXPECT_EQ(game.state().turn.active, SeatId("white"));
  EXPECT_EQ(game.state().turn.round, 1);
}

TEST(Turn, NextPassesOnAndCountsRounds) {
  Game game("chess");

  game.must(kAnn, TurnNext{});
  EXPECT_EQ(game.state().turn.active, SeatId("black"));
  EXPECT_EQ(game.state().turn.round, 1);

  game.must(kBob, TurnNext{});
  EXPECT_EQ(game.state().turn.active, SeatId("white"));
  EXPECT_EQ(game.state().turn.round, 2);
}

TEST(Turn, NextEndsThePhase) {
  Game game("chess");
  game.must(kGm, turn_set("black", "opening"));
  EXPECT_EQ(game.state().turn.phase, "opening");

  game.must(kGm, TurnNext{});

  EXPECT_EQ(game.state().turn.phase, std::nullopt);
}

TEST(Turn, SetNamesASeatOfTheOrder) {
  Game game("cards-52");
  game.must(kGm, turn_order({"s2", "s1"}));

  EXPECT_EQ(game.refusal(kGm, turn_set("s3")), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, turn_set("s9")), Reject::not_found);
  game.must(kGm, turn_set("s1", "river"));
  EXPECT_EQ(game.state().turn.active, SeatId("s1"));
  game.must(kGm, turn_set("s1"));
  EXPECT_EQ(game.state().turn.phase, std::nullopt);
}

TEST(Turn, OrderKeepsWhoIsOnTurnIfItCan) {
  Game game("cards-52");
  game.must(kGm, turn_set("s2"));

  game.must(kGm, turn_order({"s3", "s2", "s1"}));
  EXPECT_EQ(game.state().turn.active, SeatId("s2"));

  game.must(kGm, turn_order({"s3", "s1"}));
  EXPECT_EQ(game.state().turn.active, SeatId("s3"));
}

TEST(Turn, OrderNamesEachSeatOnce) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, turn_order({"s1", "s2", "s1"})), Reject::bad_request);
  EXPECT_EQ(game.refusal(kGm, turn_order({"s1", "s9"})), Reject::not_found);
}

TEST(Turn, WithoutAnOrderThereIsNoNext) {
  Game game("cards-52");
  game.must(kGm, turn_order({}));

  EXPECT_EQ(game.state().turn.active, std::nullopt);
  EXPECT_EQ(game.refusal(kGm, TurnNext{}), Reject::empty);
}

class EnforcedTurns : public testing::Test {
 protected:
  EnforcedTurns() {
    game.must(kGm, draw("deck", "hand:s1", 2));
    game.must(kGm, draw("deck", "hand:s2", 2));
    game.must(kGm, draw("deck", "board", 2));
    game.must(kGm, counter_set("chips:s2", 5));
    game.must(kOwner, enforce_turns(true));
  }

  Game game{"cards-52"};
};

TEST_F(EnforcedTurns, HoldForMovesTurnsDrawsAndPasses) {
  EXPECT_EQ(game.refusal(kBob, move(game.top("hand:s2"), "board")), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kBob, turn({game.top("board")})), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kBob, draw("deck")), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kBob, TurnNext{}), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kAnn, move(game.top("hand:s1"), "board")), std::nullopt);
  EXPECT_EQ(game.refusal(kAnn, turn({game.top("board")})), std::nullopt);
  EXPECT_EQ(game.refusal(kAnn, draw("deck")), std::nullopt);
  EXPECT_EQ(game.refusal(kAnn, deal("deck", {"hand:s2"})), std::nullopt);
}

TEST_F(EnforcedTurns, LeaveTheRestFree) {
  EXPECT_EQ(game.refusal(kBob, say("wait")), std::nullopt);
  EXPECT_EQ(game.refusal(kBob, dice_roll("d6")), std::nullopt);
  EXPECT_EQ(game.refusal(kBob, transfer("chips:s2", "pot", 5)), std::nullopt);
  EXPECT_EQ(game.refusal(kBob, reveal_zone("hand:s2", everybody())), std::nullopt);
}

TEST_F(EnforcedTurns, PassOnWithTheTurn) {
  game.must(kAnn, TurnNext{});

  EXPECT_EQ(game.refusal(kAnn, draw("deck")), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kBob, draw("deck")), std::nullopt);
}

TEST_F(EnforcedTurns, LetWhoRunsTheTableAct) {
  EXPECT_EQ(game.refusal(kGm, draw("deck", "board")), std::nullopt);
  EXPECT_EQ(game.refusal(kGm, deal("deck", {"board"})), std::nullopt);
  EXPECT_EQ(game.refusal(kOwner, TurnNext{}), std::nullopt);
}

TEST_F(EnforcedTurns, HoldForAGmWhoPlays) {
  game.must(kGm, seat_take("s3"));

  EXPECT_EQ(game.refusal(kGm, draw("deck", "board")), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kGm, deal("deck", {"board"})), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kGm, TurnNext{}), Reject::not_your_turn);
  EXPECT_EQ(game.refusal(kGm, turn_set("s3")), std::nullopt);
}

TEST_F(EnforcedTurns, HoldForASeatOutsideTheOrder) {
  game.must(kGm, turn_order({"s1"}));

  EXPECT_EQ(game.refusal(kBob, draw("deck")), Reject::not_your_turn);
}

TEST_F(EnforcedTurns, AreNotAdvancedByAnythingElse) {
  game.must(kAnn, draw("deck"));
  game.must(kAnn, move(game.top("hand:s1"), "board"));
  game.must(kAnn, say("done"));

  EXPECT_EQ(game.state().turn.active, SeatId("s1"));
}

}  // namespace
}  // namespace tableforge::table::test
