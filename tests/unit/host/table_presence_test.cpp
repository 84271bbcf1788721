#include "tableforge/host/table_host.hpp"

#include "unit/host/table_fixture.hpp"

namespace tableforge::host {
namespace {

using table::ChatSay;
using table::PieceMove;
using table::SeatTake;
using table::ZoneDraw;

/// What people show: cursors, drags, that they are typing. Ann and Bob are at the table, without seats.
class PresenceTest : public TableTest {
 protected:
  PresenceTest() {
    found("cards-52");
    home = &open();
    ann = joined(*home, 1);
    bob = joined(*home, 2);
    settle();
    ann->heard.clear();
    bob->heard.clear();
  }

  /// In a turn of its own.
  void show(double x) {
    home->table->presence(*ann, {.cursor = protocol::Point{x, 0}, .drag = {}, .typing = {}});
    settle();
  }
  [[nodiscard]] std::size_t shown() const { return bob->of("presence").size(); }

  Instance *home = nullptr;
  std::unique_ptr<Listener> ann;
  std::unique_ptr<Listener> bob;
};

class PresenceWindowTest : public PresenceTest {
 protected:
  static constexpr std::chrono::milliseconds kWindow{100};

  PresenceWindowTest() { EXPECT_TRUE(knobs.presence_window.set(kWindow)); }
};

TEST_F(PresenceTest, PresenceIsJudgedOnWhatIsCommitted) {
  act(*home, *ann, "a-1", SeatTake{.seat = SeatId("s1")});
  act(*home, *ann, "a-2", ZoneDraw{.from = ZoneId("deck"), .to = {}, .count = 1, .side = {}});
  turn_until([&] { return ann->of("piece.moved").size() == 1; });
  auto const card = home->table->committed().find_zone(ZoneId("hand:s1"))->order.at(0);
  protocol::Presence const drag{.cursor = {}, .drag = protocol::Drag{.piece = card, .x = 1, .y = 2}, .typing = {}};

  home->journal.set_available(false);
  act(*home, *ann, "a-3",
      PieceMove{.moves = {{.piece = card,
                           .to = {.zone = ZoneId("board"), .index = {}, .x = {}, .y = {}},
                           .side = table::Side::front,
                           .rotation = {}}}});
  settle();
  home->table->presence(*ann, drag);
  settle();
  EXPECT_TRUE(bob->of("presence").empty());

  home->journal.set_available(true);
  turn_until([&] { return ann->of("piece.moved").size() == 2; });
  auto const moved = home->table->committed().find_zone(ZoneId("board"))->order.at(0);
  home->table->presence(*ann, {.cursor = {}, .drag = protocol::Drag{.piece = moved, .x = 1, .y = 2}, .typing = {}});
  settle();
  ASSERT_EQ(bob->of("presence").size(), 1U);
  EXPECT_EQ(bob->of("presence")[0].at("data").at("drag").at("piece"), to_text(moved));
}

TEST_F(PresenceTest, ASpectatorShowsOnlyACursor) {
  home->table->presence(*bob, {.cursor = protocol::Point{3, 4}, .drag = {}, .typing = true});
  settle();
  ASSERT_EQ(ann->of("presence").size(), 1U);
  EXPECT_EQ(ann->of("presence")[0].at("data"), Json({{"cursor", {3.0, 4.0}}}));
}

TEST_F(PresenceTest, OnlyTheLatestPresenceOfATurnIsShownAndNotToItsSender) {
  for (double const x : {1.0, 2.0, 3.0}) {
    home->table->presence(*ann, {.cursor = protocol::Point{x, 0}, .drag = {}, .typing = {}});
  }
  home->table->presence(*ann, {.cursor = {}, .drag = {}, .typing = true});
  home->table->presence(*bob, {.cursor = protocol::Point{9, 0}, .drag = {}, .typing = {}});
  settle();
  ASSERT_EQ(bob->of("presence").size(), 2U);
  EXPECT_EQ(bob->of("presence")[0].at("data"), Json({{"cursor", {3.0, 0.0}}}));
  EXPECT_EQ(bob->of("presence")[1].at("data"), Json({{"typing", true}}));
  ASSERT_EQ(ann->of("presence").size(), 1U);
  EXPECT_EQ(ann->of("presence")[0].at("data"), Json({{"cursor", {9.0, 0.0}}}));
  EXPECT_EQ(metrics.presence_coalesced.value(), 2U);
}

TEST_F(PresenceTest, WhoIsBehindKeepsTheEventsAndOnlyTheLatestPresence) {
  bob->reading = false;
  for (double const x : {1.0, 2.0, 3.0}) {
    act(*home, *ann, "a-" + std::to_string(x), ChatSay{.text = "x"});
    home->table->presence(*ann, {.cursor = protocol::Point{x, 0}, .drag = {}, .typing = {}});
    turn_until([&] { return home->table->settled(); });
  }
  settle();
  bob->read();
  EXPECT_EQ(bob->of("chat.said").size(), 3U);
  ASSERT_EQ(bob->of("presence").size(), 1U);
  EXPECT_EQ(bob->of("presence")[0].at("data"), Json({{"cursor", {3.0, 0.0}}}));
}

TEST_F(PresenceWindowTest, OnABusyTableWhatFollowsWaitsForTheWindowsEnd) {
  auto const begin = std::chrono::steady_clock::now();
  show(1);
  EXPECT_EQ(shown(), 1U) << "on a quiet table nothing waits";
  show(2);
  show(3);
  auto const seen = shown();
  if (std::chrono::steady_clock::now() - begin < kWindow) EXPECT_EQ(seen, 1U);
  turn_until([&] { return shown() == 3; });
  EXPECT_GE(std::chrono::steady_clock::now() - begin, kWindow);
  EXPECT_EQ(bob->of("presence")[1].at("data"), Json({{"cursor", {2.0, 0.0}}}));
  EXPECT_EQ(bob->of("presence")[2].at("data"), Json({{"cursor", {3.0, 0.0}}})) << "what waits is gathered, not dropped";
}

TEST_F(PresenceWindowTest, WhatMustNotWaitTakesThePresenceAlong) {
  show(1);
  show(2);
  act(*home, *ann, "a-1", ChatSay{.text = "here"});
  turn_until([&] { return !bob->of("chat.said").empty(); });
  ASSERT_EQ(bob->heard.size(), 3U);
  EXPECT_EQ(bob->heard[1].at("ev"), "presence") << "it was shown before, and is heard before";
  EXPECT_EQ(bob->heard[2].at("ev"), "chat.said");
}

TEST_F(PresenceWindowTest, MuchOfItDoesNotWait) {
  auto const begin = std::chrono::steady_clock::now();
  constexpr int kSent = 400;  // A hundred bytes each.
  for (int i = 0; i < kSent; ++i) show(i);
  auto const seen = shown();
  if (std::chrono::steady_clock::now() - begin < kWindow) EXPECT_GT(seen, 1U);
  turn_until([&] { return shown() == kSent; });
}

}  // namespace
}  // namespace tableforge::host
