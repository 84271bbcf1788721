#include "load/table_model.hpp"

#include <gtest/gtest.h>

#include "load/trouble.hpp"

namespace tableforge::load {
namespace {

/// Ann sits at s1 and sees her hand, the deck as a count, and the board.
Json state() {
  return Json::parse(R"({"table":{"id":"t","name":"n"},
    "players":[{"id":"ann","name":"Ann","role":"player","online":true}],
    "seats":[{"id":"s1","name":"Seat 1","player":"ann"},{"id":"s2","name":"Seat 2","player":null}],
    "zones":[{"id":"deck","kind":"deck","visibility":"hidden","seat":null,"version":1,"count":3,"back":"blue"},
             {"id":"hand:s1","kind":"hand","visibility":"owner","seat":"s1","version":1,"count":1,"pieces":[
               {"id":"h1","kind":"card","index":0,"rotation":0,"side":"back","face":"Ah",
               "back":"blue","locked":false,"label":""}]},
             {"id":"hand:s2","kind":"hand","visibility":"owner","seat":"s2","version":1,"count":0},
             {"id":"pile","kind":"pile","visibility":"public","seat":null,"version":1,"count":0,"pieces":[]}],
    "counters":[{"id":"pot","seat":null,"value":5,"min":0}],
    "turn":{"order":[],"active":null,"round":1,"phase":null},"chat":[]})");
}

Json event(Seq seq, std::string ev, Json data) { return {{"ev", ev}, {"seq", seq}, {"data", std::move(data)}}; }

struct TableModelTest : testing::Test {
  TableModelTest() { model.load(state(), 1); }
  TableModel model{"ann"};
};

TEST_F(TableModelTest, CountsWhatIsNotNamed) {
  model.apply(event(2, "piece.moved", {{"from", "deck"}, {"to", "hand:s2"}, {"count", 2}}));

  EXPECT_EQ(model.zone("deck").at("count"), 1);
  EXPECT_EQ(model.zone("hand:s2").at("count"), 2);
  EXPECT_EQ(model.zone("deck").at("version"), 2);
}

TEST_F(TableModelTest, TakesInACardSeenForTheFirstTime) {
  auto const move = Json::parse(R"({"piece":"p1","from":"deck","to":"pile","index":0,"side":"front",
    "rotation":0,"face":"Kc","kind":"card","back":"blue","label":"","locked":false})");
  model.apply(event(2, "piece.moved", {{"moves", Json::array({move})}}));

  EXPECT_EQ(model.pieces("pile")[0].at("face"), "Kc");
  EXPECT_FALSE(model.pieces("pile")[0].contains("x"));
  EXPECT_EQ(model.zone("deck").at("count"), 2);
  EXPECT_EQ(model.contradiction(), std::nullopt);
}

TEST_F(TableModelTest, RetiresTheIdOfACardThatGoesOutOfSight) {
  auto const move = Json::parse(R"({"piece":"h1","from":"hand:s1","to":"deck"})");
  model.apply(event(2, "piece.moved", {{"moves", Json::array({move})}}));

  EXPECT_EQ(model.take_retired(), std::vector<std::string>{"h1"});
  EXPECT_EQ(model.zone("hand:s1").at("count"), 0);
  EXPECT_EQ(model.zone("deck").at("count"), 4);
}

TEST_F(TableModelTest, RefusesACardThatKeepsItsIdThoughItWasOutOfSight) {
  auto const move = Json::parse(R"({"piece":"h1","from":"hand:s1","to":"pile","index":0,"side":"front","face":"Ah"})");

  EXPECT_THROW(model.apply(event(2, "piece.moved", {{"moves", Json::array({move})}})), Trouble);
}

TEST_F(TableModelTest, RefusesMoreCardsThanThereAre) {
  EXPECT_THROW(model.apply(event(2, "piece.moved", {{"from", "deck"}, {"to", "hand:s2"}, {"count", 4}})), Trouble);
}

TEST_F(TableModelTest, RefusesAnonymousMovesOfWhatItSees) {
  EXPECT_THROW(model.apply(event(2, "piece.moved", {{"from", "deck"}, {"to", "hand:s1"}, {"count", 1}})), Trouble);
}

TEST_F(TableModelTest, ForgetsPeekedIdsInAShuffle) {
  model.apply(event(2, "zone.peeked",
                    {{"zone", "deck"}, {"count", 1}, {"known", Json::array({{{"id", "d1"}, {"face", "2c"}}})}}));
  model.apply(event(3, "zone.shuffled", {{"zone", "deck"}, {"count", 3}}));

  EXPECT_EQ(model.take_retired(), std::vector<std::string>{"d1"});
}

TEST_F(TableModelTest, SeesAnEmptyHandWholeOnceSeated) {
  model.apply(event(2, "seat.taken", {{"seat", "s2"}, {"player", "ann"}}));

  EXPECT_TRUE(model.known());
  EXPECT_TRUE(model.pieces("hand:s2").empty());
}

TEST_F(TableModelTest, WaitsForTheServerWhenAHandWithCardsIsGained) {
  model.apply(event(2, "piece.moved", {{"from", "deck"}, {"to", "hand:s2"}, {"count", 1}}));
  model.apply(event(3, "seat.taken", {{"seat", "s2"}, {"player", "ann"}}));

  EXPECT_FALSE(model.known());
}

TEST_F(TableModelTest, FollowsCountersBySetting) {
  model.apply(
      event(2, "counter.transferred",
            {{"from", "pot"}, {"to", "x"}, {"amount", 2}, {"counters", Json::array({{{"id", "pot"}, {"value", 3}}})}}));

  EXPECT_EQ(model.counter("pot"), 3);
}

TEST_F(TableModelTest, DiffersFromAStateThatDiffers) {
  auto other = state();
  EXPECT_EQ(model.difference(other), std::nullopt);

  other["counters"][0]["value"] = 6;
  auto const difference = model.difference(other);
  ASSERT_TRUE(difference);
  EXPECT_TRUE(difference->contains("/counters/0/value is 5")) << *difference;
}

TEST_F(TableModelTest, DoesNotCompareWhoIsOnline) {
  auto other = state();
  other["players"][0]["online"] = false;

  EXPECT_EQ(model.difference(other), std::nullopt);
}

TEST_F(TableModelTest, ComparesTheNewestOfTheChat) {
  auto line = [](Seq seq) { return event(seq, "chat.said", {{"text", "hi"}}); };
  model.apply(line(2));
  model.apply(line(3));
  auto other = state();
  other["chat"] = Json::array({line(3)});
  EXPECT_EQ(model.difference(other), std::nullopt);

  other["chat"] = Json::array({line(2)});
  EXPECT_TRUE(model.difference(other));
}

TEST_F(TableModelTest, FindsACounterBelowItsMinimum) {
  model.apply(event(2, "counter.changed",
                    {{"counters", Json::array({{{"id", "pot"}, {"seat", nullptr}, {"value", -1}, {"min", 0}}})}}));

  EXPECT_TRUE(model.contradiction());
}

TEST_F(TableModelTest, RefusesEventsItDoesNotKnow) {
  EXPECT_THROW(model.apply(event(2, "piece.vanished", Json::object())), Trouble);
}

}  // namespace
}  // namespace tableforge::load
