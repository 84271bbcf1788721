#include <gtest/gtest.h>

#include "tableforge/table/limits.hpp"

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

Action asked(Game const &game, Operation operation, Precondition precondition) {
  auto action = game.action(kAnn, std::move(operation));
  action.precondition = std::move(precondition);
  return action;
}

Precondition zone_at(std::string zone, Seq version) {
  Precondition precondition;
  precondition.zone = ZoneId(std::move(zone));
  precondition.version = static_cast<std::int64_t>(version);
  return precondition;
}

Precondition head_at(Seq seq) {
  Precondition precondition;
  precondition.seq = static_cast<std::int64_t>(seq);
  return precondition;
}

std::optional<Reject> why(std::expected<Event, Rejection> const &judged) {
  return judged ? std::nullopt : std::optional(judged.error().why);
}

TEST(Decide, MakesOneEventWithTheNextSeqAndTheActionsMarks) {
  Game game("cards-52");
  auto const action = game.action(kAnn, say("hello"));

  auto const event = game.judge(action);

  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->seq, game.state().seq + 1);
  EXPECT_EQ(event->by, kAnn);
  EXPECT_EQ(event->client, action.client);
  EXPECT_EQ(event->action, action.id);
  EXPECT_EQ(event->fingerprint, fingerprint(action));
}

TEST(Decide, ChangesNothing) {
  Game game("cards-52");
  auto const before = game.state();

  EXPECT_TRUE(game.judge(kAnn, draw("deck")).has_value());

  EXPECT_EQ(game.state(), before);
}

TEST(Decide, TimeNeverRunsBackwards) {
  Game game("cards-52");
  SeededChance chance(1);
  auto const late = game.state().at + std::chrono::hours(1);
  game.take_in(*decide(game.state(), game.action(kAnn, say("late")), late, chance));

  auto const early = decide(game.state(), game.action(kAnn, say("early")), late - std::chrono::minutes(30), chance);

  EXPECT_EQ(early->at, late);
  EXPECT_EQ(game.state().at, late);
}

TEST(Precondition, HoldsForTheVersionOfAZone) {
  Game game("cards-52");
  auto const version = game.zone("deck").version;
  game.must(kBob, say("nothing about the deck"));

  EXPECT_EQ(why(game.judge(asked(game, draw("deck"), zone_at("deck", version)))), std::nullopt);
  game.must(kBob, draw("deck"));
  EXPECT_EQ(why(game.judge(asked(game, draw("deck"), zone_at("deck", version)))), Reject::conflict);
  EXPECT_EQ(why(game.judge(asked(game, draw("deck"), zone_at("deck", game.state().seq)))), std::nullopt);
}

TEST(Precondition, HoldsForTheHead) {
  Game game("cards-52");
  auto const head = game.state().seq;
  EXPECT_EQ(why(game.judge(asked(game, draw("deck"), head_at(head)))), std::nullopt);

  game.must(kBob, say("something"));

  EXPECT_EQ(why(game.judge(asked(game, draw("deck"), head_at(head)))), Reject::conflict);
  EXPECT_EQ(why(game.judge(asked(game, draw("deck"), head_at(head + 2)))), Reject::conflict);
}

TEST(Precondition, IsEitherZoneAndVersionOrSeq) {
  Game game("cards-52");
  auto zone_only = zone_at("deck", 1);
  zone_only.version.reset();
  auto version_only = zone_at("deck", 1);
  version_only.zone.reset();
  auto both = zone_at("deck", 1);
  both.seq = 1;

  for (auto const &bad : {zone_only, version_only, both, Precondition{}}) {
    EXPECT_EQ(why(game.judge(asked(game, draw("deck"), bad))), Reject::bad_request);
  }
  EXPECT_EQ(why(game.judge(asked(game, draw("deck"), zone_at("nowhere", 1)))), Reject::not_found);
}

TEST(Fingerprint, IsOfWhatIsAskedNotOfWhoOrUnderWhichId) {
  Game game("cards-52");
  auto one = game.action(kAnn, draw("deck", "board", 2));
  auto other = game.action(kBob, draw("deck", "board", 2));
  other.id = ActionId("other");
  other.client = ClientId("elsewhere");

  EXPECT_EQ(fingerprint(one), fingerprint(other));
}

TEST(Fingerprint, DiffersWithEveryPart) {
  Game game("cards-52");
  std::vector<Action> different;
  for (auto const &operation :
       std::vector<Operation>{draw("deck", "board", 2),
                              draw("deck", "board", 3),
                              draw("deck", "muck", 2),
                              draw("deck", {}, 2),
                              draw("board", "deck", 2),
                              draw("deck", "board", 2, Side::front),
                              draw("deck", "board", 2, Side::back),
                              say("a"),
                              say("b"),
                              turn_order({"s1", "s2"}),
                              turn_order({"s2", "s1"}),
                              turn_order({}),
                              seat_take("s1"),
                              seat_leave("s1"),
                              seat_assign("s1", std::nullopt),
                              seat_assign("s1", kAnn),
                              move(PieceId(1), "board"),
                              move(PieceId(2), "board"),
                              moves({to_place(PieceId(1), "board", 1, 2)}),
                              moves({to_place(PieceId(1), "board", 2, 1)}),
                              moves({to_zone(PieceId(1), "board"), to_zone(PieceId(2), "board")}),
                              reveal_zone("deck", everybody()),
                              reveal_zone("deck", only({kAnn})),
                              reveal_zone("deck", only({kBob})),
                              TurnNext{},
                              enforce_turns(true),
                              enforce_turns(false),
                              name_table("x")}) {
    different.push_back(game.action(kAnn, operation));
  }
  different.push_back(asked(game, draw("deck", "board", 2), head_at(4)));
  different.push_back(asked(game, draw("deck", "board", 2), head_at(5)));
  different.push_back(asked(game, draw("deck", "board", 2), zone_at("deck", 4)));

  for (std::size_t i = 0; i < different.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(fingerprint(different[i]), fingerprint(different[j])) << i << " and " << j;
    }
  }
}

TEST(Fingerprint, DoesNotTellNegativeZero) {
  Game game("cards-52");

  EXPECT_EQ(fingerprint(game.action(kAnn, moves({to_place(PieceId(1), "board", 0.0, 0.0)}))),
            fingerprint(game.action(kAnn, moves({to_place(PieceId(1), "board", -0.0, 0.0)}))));
}

// The values are stored with the actions: should one of these change, every repeat across an upgrade is refused as
// id_reused.
TEST(Fingerprint, IsPinned) {
  Game game("cards-52");

  EXPECT_EQ(fingerprint(game.action(kAnn, TurnNext{})), 3215378235538085998U);
  EXPECT_EQ(fingerprint(game.action(kAnn, draw("deck", "board", 2, Side::front))), 5141861078088735035U);
  EXPECT_EQ(fingerprint(game.action(kAnn, moves({to_place(PieceId(1), "board", 1.5, -2)}))), 683585119016556172U);
  EXPECT_EQ(fingerprint(game.action(kAnn, seat_assign("s1", kBob))), 5205891551108252663U);
  EXPECT_EQ(fingerprint(game.action(kAnn, reveal_zone("deck", only({kAnn, kBob})))), 14648126557928869608U);
  EXPECT_EQ(fingerprint(asked(game, enforce_turns(true), zone_at("deck", 7))), 8334912319670522833U);
  EXPECT_EQ(id_hash(ActionId("c-17")), 7055936793250318603U);
}

Action numbered(Game const &game, std::string client, std::string id, PlayerId by = kAnn) {
  auto action = game.action(by, say(id));
  action.client = ClientId(std::move(client));
  action.id = ActionId(std::move(id));
  return action;
}

TEST(Remembered, IsWhatAClientDidUnderAnId) {
  Game game("cards-52");
  auto const action = numbered(game, "phone", "c-1");
  auto const event = *game.act(action);

  auto const *remembered = game.state().find_remembered(kAnn, ClientId("phone"), ActionId("c-1"));

  ASSERT_NE(remembered, nullptr);
  EXPECT_EQ(remembered->seq, event.seq);
  EXPECT_EQ(remembered->fingerprint, fingerprint(action));
  auto other = action;
  other.operation = say("something else");
  EXPECT_NE(remembered->fingerprint, fingerprint(other));
}

TEST(Remembered, IsPerPlayerAndClient) {
  Game game("cards-52");
  game.act(numbered(game, "phone", "c-1"));

  EXPECT_EQ(game.state().find_remembered(kAnn, ClientId("desk"), ActionId("c-1")), nullptr);
  EXPECT_EQ(game.state().find_remembered(kBob, ClientId("phone"), ActionId("c-1")), nullptr);
  EXPECT_EQ(game.state().find_remembered(kAnn, ClientId("phone"), ActionId("c-2")), nullptr);
}

TEST(Remembered, LeavesNoTraceOfWhatWasRefused) {
  Game game("cards-52");
  auto refused = numbered(game, "phone", "c-1");
  refused.operation = seat_take("s2");
  ASSERT_FALSE(game.act(refused).has_value());

  EXPECT_EQ(game.state().find_remembered(kAnn, ClientId("phone"), ActionId("c-1")), nullptr);
}

TEST(Remembered, AreTheNewest256OfAClient) {
  Game game("cards-52");
  for (std::size_t i = 0; i <= kActionsRemembered; ++i) {
    game.act(numbered(game, "phone", "c-" + std::to_string(i)));
  }

  EXPECT_EQ(game.state().find_remembered(kAnn, ClientId("phone"), ActionId("c-0")), nullptr);
  EXPECT_NE(game.state().find_remembered(kAnn, ClientId("phone"), ActionId("c-1")), nullptr);
  EXPECT_NE(game.state().find_remembered(kAnn, ClientId("phone"), ActionId("c-256")), nullptr);
}

TEST(Remembered, ForgetsTheClientThatWasSilentLongest) {
  Game game("cards-52");
  for (std::size_t i = 0; i < kClientsRemembered; ++i) {
    game.act(numbered(game, "client " + std::to_string(i), "c-1"));
  }
  game.act(numbered(game, "client 0", "c-2"));

  game.act(numbered(game, "one more", "c-1"));

  EXPECT_EQ(game.state().memory.size(), kClientsRemembered);
  EXPECT_NE(game.state().find_remembered(kAnn, ClientId("client 0"), ActionId("c-1")), nullptr);
  EXPECT_EQ(game.state().find_remembered(kAnn, ClientId("client 1"), ActionId("c-1")), nullptr);
  EXPECT_NE(game.state().find_remembered(kAnn, ClientId("client 2"), ActionId("c-1")), nullptr);
  EXPECT_NE(game.state().find_remembered(kAnn, ClientId("one more"), ActionId("c-1")), nullptr);
}

TEST(Remembered, TakesNoNoteOfTheServersOwnDoings) {
  Game game("cards-52");

  EXPECT_EQ(game.events().at(1).fingerprint, 0U);
  for (auto const &each : game.state().memory) EXPECT_FALSE(each.client.value.empty());
}

}  // namespace
}  // namespace tableforge::table::test
