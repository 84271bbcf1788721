#include "tableforge/host/table_host.hpp"

#include <set>

#include "unit/host/table_fixture.hpp"

namespace tableforge::host {
namespace {

using table::ChatSay;
using table::SeatTake;

ChatSay say(std::string text) { return {.text = std::move(text)}; }

TEST_F(TableTest, NothingLeavesBeforeItsCommit) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const bob = joined(home, 2);
  home.journal.set_available(false);

  act(home, *ann, "a-1", say("hello"));
  settle();
  EXPECT_TRUE(ann->of("chat.said").empty());
  EXPECT_TRUE(bob->of("chat.said").empty());

  home.journal.set_available(true);
  turn_until([&] { return !bob->of("chat.said").empty(); });
  ASSERT_EQ(ann->of("chat.said").size(), 1U);
  EXPECT_EQ(ann->of("chat.said"), bob->of("chat.said"));
  EXPECT_EQ(ann->of("chat.said")[0].at("id"), "a-1");
}

TEST_F(TableTest, ARejectionWaitsForTheStateItWasJudgedOn) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const bob = joined(home, 2);
  home.journal.set_available(false);

  act(home, *ann, "a-1", SeatTake{.seat = SeatId("s1")});
  act(home, *bob, "b-1", SeatTake{.seat = SeatId("s1")});
  settle();
  EXPECT_TRUE(bob->of("error").empty());

  home.journal.set_available(true);
  turn_until([&] { return !bob->of("error").empty(); });
  EXPECT_EQ(bob->of("error")[0].at("error").at("code"), "conflict");
  EXPECT_EQ(bob->of("seat.taken").size(), 1U);
}

TEST_F(TableTest, ARejectionThatWaitsForNothingIsToldAtOnce) {
  found("cards-52");
  auto &home = open();
  auto const bob = joined(home, 2);
  act(home, *bob, "b-1", SeatTake{.seat = SeatId("nowhere")});
  settle();
  ASSERT_EQ(bob->of("error").size(), 1U);
  EXPECT_EQ(bob->of("error")[0].at("id"), "b-1");
  EXPECT_EQ(bob->of("error")[0].at("error").at("code"), "not_found");
}

TEST_F(TableTest, AnActionSentTwiceTakesEffectOnceAndIsAcknowledgedTwice) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const bob = joined(home, 2);
  act(home, *ann, "a-1", say("once"));
  act(home, *ann, "a-1", say("once"));
  turn_until([&] { return ann->of("chat.said").size() == 2; });
  act(home, *ann, "a-1", say("once"));
  settle();
  EXPECT_EQ(ann->of("chat.said").size(), 3U);
  EXPECT_EQ(ann->of("chat.said")[0], ann->of("chat.said")[2]);
  EXPECT_EQ(bob->of("chat.said").size(), 1U);
}

TEST_F(TableTest, ARepeatOfAnOldActionIsReadFromTheJournal) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  act(home, *ann, "first", say("long ago"));
  auto const many = knobs.replay_events_max.get() + 10;
  for (std::size_t i = 0; i < many; ++i) {
    act(home, *ann, "a-" + std::to_string(i % 200) + "x" + std::to_string(i), say("later"));
    if (i % 32 == 0) turn_until([&] { return home.table->settled(); });
  }
  turn_until([&] { return home.table->settled(); });
  auto const reloaded = open().table;  // A second instance remembers it too, from rows alone.
  EXPECT_EQ(reloaded->committed(), home.table->committed());

  // More than 256 actions of this client came since, so only the newest 256 are still known as repeats.
  ann->heard.clear();
  act(home, *ann, "a-55x255", say("later"));
  turn_until([&] { return !ann->of("chat.said").empty(); });
  EXPECT_EQ(ann->of("chat.said")[0].at("id"), "a-55x255");
  EXPECT_TRUE(home.table->settled());
}

TEST_F(TableTest, TheSameIdForSomethingElseIsRefused) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  act(home, *ann, "a-1", say("one"));
  act(home, *ann, "a-1", say("two"));
  turn_until([&] { return !ann->of("error").empty(); });
  EXPECT_EQ(ann->of("error")[0].at("error").at("code"), "id_reused");
  EXPECT_EQ(ann->of("chat.said").size(), 1U);
}

TEST_F(TableTest, ALostAppendIsThrownAwayAndEverythingJudgedOnItIsDecidedAgain) {
  found("cards-52");
  auto &here = open();
  auto const ann = joined(here, 1);
  auto const bob = joined(here, 2);
  auto &there = open();
  auto const cat = joined(there, 3);
  turn_until([&] { return there.table->settled(); });
  // Bring the first instance up to date, then cut both journals off and let both act on the same history.
  here.table->take_in(*here.journal.rows_after(table_id, here.table->committed().seq), metrics::RowSource::look);
  here.journal.set_available(false);
  there.journal.set_available(false);

  act(there, *cat, "c-1", SeatTake{.seat = SeatId("s1")});
  act(here, *ann, "a-1", SeatTake{.seat = SeatId("s1")});
  act(here, *bob, "b-1", SeatTake{.seat = SeatId("s2")});
  act(here, *bob, "b-2", SeatTake{.seat = SeatId("s1")});
  settle();
  there.journal.set_available(true);
  turn_until([&] { return there.table->settled(); });
  here.journal.set_available(true);
  turn_until([&] { return here.table->settled(); });

  // Ann's seat was good ahead of the commit, and is taken now; Bob's other seat is still his.
  ASSERT_EQ(ann->of("error").size(), 1U);
  EXPECT_EQ(ann->of("error")[0].at("id"), "a-1");
  EXPECT_EQ(ann->of("error")[0].at("error").at("code"), "conflict");
  ASSERT_EQ(bob->of("error").size(), 1U);
  EXPECT_EQ(bob->of("error")[0].at("id"), "b-2");
  auto const seats = bob->of("seat.taken");
  ASSERT_EQ(seats.size(), 2U);
  EXPECT_EQ(seats[0].at("data").at("seat"), "s1");
  EXPECT_EQ(seats[0].at("by"), player(3).value.text());
  EXPECT_EQ(seats[1].at("data").at("seat"), "s2");
  EXPECT_EQ(seats[1].at("seq").get<Seq>(), seats[0].at("seq").get<Seq>() + 1);
  auto const seqs = bob->seqs();
  EXPECT_TRUE(std::ranges::is_sorted(seqs));
  EXPECT_EQ(std::ranges::adjacent_find(seqs), seqs.end());

  there.table->take_in(*there.journal.rows_after(table_id, there.table->committed().seq), metrics::RowSource::look);
  EXPECT_EQ(here.table->committed(), there.table->committed());
}

TEST_F(TableTest, WhoHasSeenMoreIsNotTakenBack) {
  found("cards-52");
  auto &here = open();
  auto &there = open();
  auto const ann = joined(here, 1);
  for (int i = 0; i < 3; ++i) act(here, *ann, "a-" + std::to_string(i), say("here"));
  turn_until([&] { return ann->of("chat.said").size() == 3; });

  auto const again = joined(there, 1, "c", ann->seqs().back());

  EXPECT_EQ(again->of("welcome")[0].at("seq"), ann->seqs().back());
  EXPECT_EQ(again->of("welcome")[0].at("mode"), "replay");
  EXPECT_TRUE(again->seqs().empty());
}

TEST_F(TableTest, WhoHasSeenMoreIsNotTakenBackWhileOthersActThere) {
  found("cards-52");
  auto &here = open();
  auto &there = open();
  auto const ann = joined(here, 1);
  auto const bob = joined(there, 2);
  here.table->take_in(*here.journal.rows_after(table_id, here.table->committed().seq), metrics::RowSource::look);
  act(here, *ann, "a-1", say("here"));
  turn_until([&] { return ann->of("chat.said").size() == 1; });
  there.journal.set_available(false);
  act(there, *bob, "b-1", say("there"));
  settle();

  auto again = listener();
  there.table->join(*again, player(1), "Ann", ClientId("c"), ann->seqs().back());
  settle();
  EXPECT_TRUE(again->of("welcome").empty());
  there.journal.set_available(true);
  turn_until([&] { return !again->of("welcome").empty(); });

  EXPECT_GE(again->of("welcome")[0].at("seq"), ann->seqs().back());
}

TEST_F(TableTest, WhoWasInvitedElsewhereIsKnownHere) {
  found("cards-52", table::Listing::invited);
  auto &here = open();
  auto &there = open();
  std::optional<Result<void>> enrolled;
  here.table->enrol(player(2), "Bob", table::Role::player, [&](Result<void> result) { enrolled = result; });
  turn_until([&] { return enrolled.has_value(); });

  auto const bob = joined(there, 2);

  EXPECT_EQ(bob->of("welcome")[0].at("you").at("role"), "player");
  auto stranger = listener();
  there.table->join(*stranger, player(3), "Eve", ClientId("c"), std::nullopt);
  turn_until([&] { return stranger->closed.has_value(); });
  EXPECT_EQ(stranger->of("error")[0].at("error").at("code"), "forbidden");
}

TEST_F(TableTest, WhoHasSeenMoreThanCanBeReadComesBackLater) {
  found("cards-52");
  auto &there = open();
  there.journal.set_available(false);

  auto ann = listener();
  there.table->join(*ann, player(1), "Ann", ClientId("c"), there.table->committed().seq + 1);
  turn_until([&] { return ann->closed.has_value(); });

  EXPECT_EQ(ann->closed, protocol::CloseReason::overloaded);
  EXPECT_TRUE(ann->of("welcome").empty());
}

TEST_F(TableTest, WhoHasSeenMoreComesBackLaterIfAnAppendHangs) {
  found("cards-52");
  auto &here = open();
  auto &there = open();
  auto const ann = joined(here, 1);
  auto const bob = joined(there, 2);
  here.table->take_in(*here.journal.rows_after(table_id, here.table->committed().seq), metrics::RowSource::look);
  act(here, *ann, "a-1", say("here"));
  turn_until([&] { return ann->of("chat.said").size() == 1; });
  there.journal.set_writing(false);
  act(there, *bob, "b-1", say("there"));
  settle();

  auto again = listener();
  there.table->join(*again, player(1), "Ann", ClientId("c"), ann->seqs().back());
  turn_until([&] { return again->closed.has_value() || !again->of("welcome").empty(); });

  EXPECT_EQ(again->closed, protocol::CloseReason::overloaded);
  EXPECT_TRUE(again->of("welcome").empty());
  there.journal.set_writing(true);
  turn_until([&] { return there.table->settled(); });
}

TEST_F(TableTest, ANumberThatNobodyEverCommittedGetsTheStateOfNow) {
  found("cards-52");
  auto &home = open();

  auto const ann = joined(home, 1, "c", home.table->committed().seq + 100);

  EXPECT_EQ(ann->of("welcome")[0].at("mode"), "snapshot");
  EXPECT_EQ(ann->of("welcome")[0].at("seq"), home.table->committed().seq);
}

TEST_F(TableTest, TwoInstancesThatHammerOneTableKeepOneOrder) {
  found("cards-52");
  auto &here = open();
  auto &there = open();
  auto const ann = joined(here, 1);
  auto const bob = joined(there, 2);
  constexpr int kRounds = 200;
  for (int i = 0; i < kRounds; ++i) {
    act(here, *ann, "a-" + std::to_string(i), say("here"));
    act(there, *bob, "b-" + std::to_string(i), say("there"));
    if (i % 20 == 19) turn_until([&] { return here.table->settled() && there.table->settled(); });
  }
  turn_until([&] { return here.table->settled() && there.table->settled(); });
  here.table->take_in(*here.journal.rows_after(table_id, here.table->committed().seq), metrics::RowSource::look);
  there.table->take_in(*there.journal.rows_after(table_id, there.table->committed().seq), metrics::RowSource::look);
  settle();
  EXPECT_EQ(here.table->committed(), there.table->committed());
  // The founding, Bob's own join, and each action once.
  EXPECT_EQ(here.table->committed().seq, 2U + 2 * kRounds);
  auto common = std::min(ann->of("chat.said").size(), bob->of("chat.said").size());
  EXPECT_EQ(common, 2U * kRounds);
  EXPECT_EQ(ann->of("chat.said"), bob->of("chat.said"));
}

TEST_F(TableTest, ARefusedEventIsRejectedAloneAndTheOthersGoOn) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  home.journal.set_available(false);
  act(home, *ann, "a-1", say("good"));
  act(home, *ann, "a-2", say(std::string("bad \0 text", 10)));
  act(home, *ann, "a-3", say("better"));
  home.journal.set_available(true);
  turn_until([&] { return home.table->settled(); });
  ASSERT_EQ(ann->of("error").size(), 1U);
  EXPECT_EQ(ann->of("error")[0].at("id"), "a-2");
  EXPECT_EQ(ann->of("error")[0].at("error").at("code"), "bad_request");
  auto const said = ann->of("chat.said");
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].at("data").at("text"), "good");
  EXPECT_EQ(said[1].at("data").at("text"), "better");
}

TEST_F(TableTest, WithItsStorageAwayATableRefusesBeyondItsBoundAndGoesOnAfterwards) {
  found("cards-52");
  ASSERT_TRUE(knobs.table_pending_actions_max.set(64));
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const bob = joined(home, 2);
  home.journal.set_available(false);
  for (int i = 0; i < 40; ++i) act(home, *ann, "a-" + std::to_string(i), say("x"));
  for (int i = 0; i < 40; ++i) act(home, *bob, "b-" + std::to_string(i), say("y"));
  settle();
  ASSERT_EQ(bob->of("error").size(), 16U);
  EXPECT_EQ(bob->of("error")[0].at("id"), "b-24");
  EXPECT_EQ(bob->of("error")[0].at("error").at("code"), "storage_unavailable");
  EXPECT_EQ(bob->of("error")[0].at("error").at("retryable"), true);
  EXPECT_TRUE(home.table->read(player(1)));

  home.journal.set_available(true);
  turn_until([&] { return home.table->settled(); });
  EXPECT_EQ(bob->of("chat.said").size(), 64U);
}

TEST_F(TableTest, OneClientMayNotHaveMoreThan64ActionsUnacknowledged) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  home.journal.set_available(false);
  for (int i = 0; i < 65; ++i) act(home, *ann, "a-" + std::to_string(i), say("x"));
  act(home, *ann, "a-0", say("x"));  // A repeat does not count.
  settle();
  ASSERT_EQ(ann->of("error").size(), 1U);
  EXPECT_EQ(ann->of("error")[0].at("id"), "a-64");
  EXPECT_EQ(ann->of("error")[0].at("error").at("code"), "rate_limited");
  home.journal.set_available(true);
  turn_until([&] { return home.table->settled(); });
}

TEST_F(TableTest, AResumeGetsExactlyWhatItMissed) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto bob = joined(home, 2, "phone");
  home.table->leave(*bob);
  auto const seen = home.table->committed().seq;
  for (int i = 0; i < 5; ++i) act(home, *ann, "a-" + std::to_string(i), say("missed"));
  turn_until([&] { return home.table->settled(); });

  auto const back = joined(home, 2, "phone", seen);
  EXPECT_EQ(back->heard.at(0).at("mode"), "replay");
  EXPECT_FALSE(back->heard.at(0).contains("state"));
  EXPECT_EQ(back->seqs(), (std::vector<Seq>{seen + 1, seen + 2, seen + 3, seen + 4, seen + 5}));

  auto const fresh = joined(home, 2, "tablet");
  EXPECT_EQ(fresh->heard.at(0).at("mode"), "snapshot");
  EXPECT_EQ(fresh->heard.at(0).at("seq"), seen + 5);
  auto const beyond = joined(home, 2, "laptop", seen + 6);
  EXPECT_EQ(beyond->heard.at(0).at("mode"), "snapshot");
  auto const from_zero = joined(home, 2, "desk", 0);
  EXPECT_EQ(from_zero->heard.at(0).at("mode"), "snapshot") << "who has seen nothing is shown the state";
  auto const from_one = joined(home, 2, "shelf", 1);
  EXPECT_EQ(from_one->heard.at(0).at("mode"), "replay");
  EXPECT_EQ(from_one->heard.at(1).at("seq"), 2);
}

TEST_F(TableTest, ANewerConnectionOfTheSameClientReplacesTheOlder) {
  found("cards-52");
  auto &home = open();
  auto const old = joined(home, 1, "tab");
  auto const other = joined(home, 1, "other-tab");
  auto const newer = joined(home, 1, "tab");
  EXPECT_EQ(old->closed, protocol::CloseReason::replaced);
  EXPECT_FALSE(other->closed);
  act(home, *newer, "a-1", say("still here"));
  turn_until([&] { return !newer->of("chat.said").empty(); });
  EXPECT_TRUE(old->of("chat.said").empty());
  EXPECT_EQ(other->of("chat.said").size(), 1U);
}

TEST_F(TableTest, AStrangerBecomesAPlayerOfAnOpenTableOnly) {
  found("cards-52", table::Listing::invited);
  auto &home = open();
  auto const stranger = listener();
  home.table->join(*stranger, player(9), "Eve", ClientId("c"), std::nullopt);
  turn_until([&] { return stranger->closed.has_value(); });
  ASSERT_EQ(stranger->of("error").size(), 1U);
  EXPECT_EQ(stranger->of("error")[0].at("error").at("code"), "forbidden");
  EXPECT_EQ(stranger->closed, protocol::CloseReason::unauthorized);
  EXPECT_FALSE(home.table->read(player(9)));
  home.table->leave(*stranger);

  std::optional<Result<void>> enrolled;
  home.table->enrol(player(9), "Eve", table::Role::gm, [&](Result<void> result) { enrolled = result; });
  turn_until([&] { return enrolled.has_value(); });
  EXPECT_TRUE(enrolled->has_value());
  auto const eve = joined(home, 9);
  EXPECT_EQ(eve->of("welcome")[0].at("you").at("role"), "gm");
}

TEST_F(TableTest, WhoGainsASeatIsShownItsHand) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const bob = joined(home, 2);
  act(home, *ann, "a-1", table::ZoneDeal{.from = ZoneId("deck"), .to = {ZoneId("hand:s1")}, .count = 2, .side = {}});
  act(home, *bob, "b-1", SeatTake{.seat = SeatId("s1")});
  turn_until([&] { return !bob->of("resync").empty(); });
  auto const hand_of = [](Json const &state) {
    for (auto const &zone : state.at("zones")) {
      if (zone.at("id") == "hand:s1") return zone;
    }
    return Json();
  };
  auto const hand = hand_of(bob->of("resync")[0].at("state"));
  ASSERT_EQ(hand.at("pieces").size(), 2U);
  EXPECT_TRUE(hand.at("pieces")[0].contains("face"));
  EXPECT_TRUE(ann->of("resync").empty());
}

TEST_F(TableTest, AClientThatCannotKeepUpIsResyncedAndDelaysNobody) {
  found("cards-52");
  ASSERT_TRUE(knobs.outbox_bytes_max.set(16'384));
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const slow = joined(home, 2);
  slow->reading = false;
  for (int i = 0; i < 60; ++i) {
    act(home, *ann, "a-" + std::to_string(i), say(std::string(500, 'x')));
    if (i % 10 == 0) turn_until([&] { return home.table->settled(); });
  }
  turn_until([&] { return home.table->settled(); });
  EXPECT_EQ(ann->of("chat.said").size(), 60U);
  EXPECT_TRUE(slow->outbox().overflowed());

  slow->heard.clear();
  slow->reading = true;
  home.table->drained(*slow);
  settle();
  ASSERT_EQ(slow->of("resync").size(), 1U);
  EXPECT_EQ(slow->of("resync")[0].at("seq"), home.table->committed().seq);
  act(home, *ann, "after", say("on we go"));
  turn_until([&] { return !slow->of("chat.said").empty(); });
  EXPECT_EQ(slow->of("chat.said")[0].at("id"), "after");
}

TEST_F(TableTest, ASnapshotAndTheRowsBehindItMakeTheSameState) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  for (int i = 0; i < 30; ++i) act(home, *ann, "a-" + std::to_string(i), say("x"));
  turn_until([&] { return home.table->settled(); });
  home.table->snapshot();
  turn_until([&] { return home.table->has_snapshot(); });
  for (int i = 30; i < 40; ++i) act(home, *ann, "a-" + std::to_string(i), say("x"));
  turn_until([&] { return home.table->settled(); });

  auto const loaded = load_table(table_id, home.journal, snapshots, 100);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->snapshot_seq, 31U);
  EXPECT_EQ(loaded->recent.size(), 10U);
  EXPECT_EQ(loaded->state, home.table->committed());
}

TEST_F(TableTest, ASnapshotIsDueBetweenHalfOfItsDistanceAndAllOfIt) {
  ASSERT_TRUE(knobs.snapshot_every_events.set(50));
  std::set<Seq> distances;
  for (int table = 0; table < 8; ++table) {
    table_id = TableId(Uuid::random());
    found("cards-52");
    auto &home = open();
    auto const ann = joined(home, 1);
    auto const written = metrics.snapshots.value();
    while (home.table->committed().seq < 50) {
      act(home, *ann, "a-" + std::to_string(home.table->committed().seq), say("x"));
      turn_until([&] { return home.table->settled(); });
    }
    turn_until([&] { return metrics.snapshots.value() > written; });
    auto const snapshot = snapshots.newest(table_id);
    ASSERT_TRUE(snapshot && *snapshot);
    EXPECT_GE((*snapshot)->seq, 25U);
    EXPECT_LE((*snapshot)->seq, 50U);
    distances.insert((*snapshot)->seq);
  }
  EXPECT_GT(distances.size(), 1U) << "tables that are equally busy would all write at once";
}

TEST_F(TableTest, ANewNameIsPassedOnAfterItsCommit) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  home.journal.set_available(false);
  act(home, *ann, "a-1", table::TableConfigure{.name = "Saturday", .grid = {}, .turn_enforced = {}});
  settle();
  EXPECT_TRUE(home.renames.empty());
  home.journal.set_available(true);
  turn_until([&] { return !home.renames.empty(); });
  EXPECT_EQ(home.renames, std::vector<std::string>{"Saturday"});
}

TEST_F(TableTest, OnlineIsToldToOthersOncePerPlayer) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const phone = joined(home, 2, "phone");
  auto const laptop = joined(home, 2, "laptop");
  settle();
  ASSERT_EQ(ann->of("presence").size(), 1U);
  EXPECT_EQ(ann->of("presence")[0].at("data"), Json({{"online", true}}));
  home.table->leave(*phone);
  settle();
  EXPECT_EQ(ann->of("presence").size(), 1U);
  home.table->leave(*laptop);
  settle();
  ASSERT_EQ(ann->of("presence").size(), 2U);
  EXPECT_EQ(ann->of("presence")[1].at("data"), Json({{"online", false}}));
}

TEST_F(TableTest, WhoJoinsInMidTurnHearsOnlyWhatFollows) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  home.table->leave(*joined(home, 2));
  settle();
  act(home, *ann, "a-1", say("before"));
  turn_until([&] { return home.table->settled(); });
  // In one turn: an old acknowledgement is told again, Bob comes, and another line is released.
  act(home, *ann, "a-1", say("before"));
  auto const bob = listener();
  home.table->join(*bob, player(2), "Player 2", ClientId("c2"), std::nullopt);
  act(home, *ann, "a-2", say("after"));
  turn_until([&] { return home.table->settled(); });
  settle();
  ASSERT_EQ(bob->of("chat.said").size(), 1U);
  EXPECT_EQ(bob->of("chat.said")[0].at("data").at("text"), "after");
  EXPECT_EQ(bob->heard.front().at("ev"), "welcome");
}

TEST_F(TableTest, WhoIsSentAwayGetsWhatTheTurnHadForThem) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const first = joined(home, 2, "tab");
  settle();
  act(home, *first, "b-1", SeatTake{.seat = SeatId("nowhere")});
  auto const second = listener();
  home.table->join(*second, player(2), "Player 2", ClientId("tab"), std::nullopt);
  EXPECT_EQ(first->closed, protocol::CloseReason::replaced);
  EXPECT_EQ(first->of("error").size(), 1U);
}

TEST_F(TableTest, WhatATurnDecidesMakesOneRow) {
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const bob = joined(home, 2);
  settle();
  auto const before = rows->with([&](auto &tables) { return tables[table_id].size(); });
  shard.post([&] {
    act(home, *ann, "a-1", ChatSay{.text = "one"});
    act(home, *bob, "b-1", ChatSay{.text = "two"});
    act(home, *ann, "a-2", ChatSay{.text = "three"});
  });
  turn_until([&] { return ann->of("chat.said").size() == 3; });
  EXPECT_EQ(rows->with([&](auto &tables) { return tables[table_id].size(); }), before + 1);
  EXPECT_EQ(rows->with([&](auto &tables) { return tables[table_id].rbegin()->second.n; }), 3U);
}

TEST_F(TableTest, EventsThatAreTooOldAreForgottenAndTheResumeGetsASnapshot) {
  ASSERT_TRUE(knobs.replay_age_max.set(std::chrono::milliseconds(1'000)));
  found("cards-52");
  auto &home = open();
  auto const ann = joined(home, 1);
  auto const bob = joined(home, 2);
  act(home, *ann, "a-1", ChatSay{.text = "while you were away"});
  turn_until([&] { return !bob->of("chat.said").empty(); });
  auto const seq = home.table->committed().seq;
  home.table->leave(*bob);

  auto const soon = joined(home, 2, "c", seq - 1);
  EXPECT_FALSE(soon->of("welcome")[0].contains("state"));
  home.table->leave(*soon);
  auto const spoken = home.table->committed().at;
  turn_until([&] {
    home.table->tidy(std::chrono::steady_clock::now());
    return wall_clock_now() - spoken > std::chrono::milliseconds(1'000);
  });
  home.table->tidy(std::chrono::steady_clock::now());
  auto const late = joined(home, 2, "c", seq - 1);
  EXPECT_TRUE(late->of("welcome")[0].contains("state"));
}

}  // namespace
}  // namespace tableforge::host
