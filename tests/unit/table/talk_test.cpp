#include <gtest/gtest.h>

#include "tableforge/table/limits.hpp"

#include "unit/table/game.hpp"
#include "unit/table/seen.hpp"

namespace tableforge::table::test {
namespace {

TEST(DiceRolled, ShowsAllToAll) {
  Game game("cards-52");

  auto const event = game.must(kAnn, dice_roll("3d6kh2+1", RollAudience::all, "attack"));

  auto const &rolled = std::get<DiceRolled>(event.change);
  ASSERT_EQ(rolled.dice.size(), 3U);
  for (auto const viewer : {Viewer(kAnn), Viewer(kBob), Viewer(kSue), kNobody}) {
    auto const data = seen_data(event, viewer);
    EXPECT_EQ(data.at("notation"), "3d6kh2+1");
    EXPECT_EQ(data.at("total"), rolled.total);
    EXPECT_EQ(data.at("reason"), "attack");
    EXPECT_EQ(data.at("dice").size(), 3U);
    EXPECT_EQ(data.at("dice")[0], (Json{{"sides", 6}, {"value", rolled.dice[0].value}, {"kept", rolled.dice[0].kept}}));
  }
  EXPECT_TRUE(named_players(event).empty());
}

TEST(DiceRolled, ToSelfShowsOthersThatItHappened) {
  Game game("cards-52");

  auto const event = game.must(kAnn, dice_roll("d20", RollAudience::self, "stealth"));

  EXPECT_EQ(seen_data(event, kAnn).at("total"), std::get<DiceRolled>(event.change).total);
  for (auto const viewer : {Viewer(kOwner), Viewer(kGm), Viewer(kBob), Viewer(kSue), kNobody}) {
    EXPECT_EQ(seen_data(event, viewer), (Json{{"to", "self"}}));
  }
  EXPECT_EQ(named_players(event), std::vector{kAnn});
}

TEST(DiceRolled, ToTheGmIsBlindForTheRoller) {
  Game game("cards-52");

  auto const event = game.must(kAnn, dice_roll("d20", RollAudience::gm));

  EXPECT_TRUE(seen_data(event, kGm).contains("total"));
  for (auto const viewer : {Viewer(kAnn), Viewer(kOwner), Viewer(kBob), kNobody}) {
    EXPECT_EQ(seen_data(event, viewer), (Json{{"to", "gm"}}));
  }
}

TEST(DiceRolled, ToTheGmStaysWithWhoWasGmThen) {
  Game game("cards-52");
  auto const event = game.must(kAnn, dice_roll("d20", RollAudience::gm));
  game.must(kOwner, role_grant(kBob, Role::gm));
  game.must(kOwner, role_grant(kGm, Role::player));

  EXPECT_TRUE(seen_data(event, kGm).contains("total"));
  EXPECT_FALSE(seen_data(event, kBob).contains("total"));
}

TEST(DiceRolled, ToTheGmNeedsAGm) {
  Game game("cards-52");
  game.must(kOwner, role_grant(kGm, Role::player));

  EXPECT_EQ(game.refusal(kAnn, dice_roll("d20", RollAudience::gm)), Reject::not_found);
}

TEST(DiceRolled, ABadNotationIsRefused) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kAnn, dice_roll("6d0")), Reject::bad_request);
}

TEST(Chat, IsSaidToAll) {
  Game game("cards-52");

  auto const event = game.must(kSue, say("hello"));

  EXPECT_EQ(seen_data(event, kNobody), (Json{{"text", "hello"}}));
  EXPECT_TRUE(named_players(event).empty());
}

TEST(Chat, WhisperReachesTheNamedAndPassesOthersBy) {
  Game game("cards-52");

  auto const event = game.must(kAnn, whisper({kBob, kBob, kSue}, "psst"));

  for (auto const viewer : {kAnn, kBob, kSue}) {
    auto const data = seen_data(event, viewer);
    EXPECT_EQ(data.at("text"), "psst");
    EXPECT_EQ(data.at("to"), (Json{kAnn.value.text(), kBob.value.text(), kSue.value.text()}));
  }
  for (auto const viewer : {Viewer(kOwner), Viewer(kGm), Viewer(kIda), kNobody}) {
    EXPECT_EQ(seen(event, viewer), (Json{{"ev", "skip"}, {"seq", event.seq}}));
  }
  EXPECT_EQ(named_players(event), (std::vector{kAnn, kBob, kSue}));
}

TEST(Chat, WhisperToAStrangerIsNotFound) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kAnn, whisper({kBob, kStranger}, "psst")), Reject::not_found);
}

TEST(Chat, NewcomersSeeTheNewestLinesTheyMayRead) {
  Game game("cards-52");
  game.must(kAnn, say("first"));
  game.must(kAnn, whisper({kBob}, "psst"));
  for (std::size_t i = 2; i < kChatLinesKept; ++i) game.must(kBob, say("line " + std::to_string(i)));

  auto const all = seen(game.state(), kBob).at("chat");
  ASSERT_EQ(all.size(), kChatLinesKept);
  EXPECT_EQ(all[0].at("data"), (Json{{"text", "first"}}));
  EXPECT_EQ(all[1].at("ev"), "chat.whispered");
  auto const sues = seen(game.state(), kSue).at("chat");
  EXPECT_EQ(sues.size(), kChatLinesKept - 1);
  EXPECT_EQ(sues[1].at("data"), (Json{{"text", "line 2"}}));

  game.must(kAnn, say("last"));
  auto const later = seen(game.state(), kBob).at("chat");
  EXPECT_EQ(later.size(), kChatLinesKept);
  EXPECT_EQ(later.front().at("ev"), "chat.whispered");
  EXPECT_EQ(later.back().at("data"), (Json{{"text", "last"}}));
}

TEST(Chat, ALineIsTheEventItWas) {
  Game game("cards-52");
  auto const said = game.must(kAnn, say("hello"));
  auto const whispered = game.must(kAnn, whisper({kBob}, "psst"));

  auto const lines = seen(game.state(), kBob).at("chat");

  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], seen(said, kBob));
  EXPECT_EQ(lines[1], seen(whispered, kBob));
}

}  // namespace
}  // namespace tableforge::table::test
