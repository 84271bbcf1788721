#include <future>
#include <set>
#include <thread>

#include "tableforge/host/table_host.hpp"

#include "unit/host/table_fixture.hpp"

namespace tableforge::host {
namespace {

using table::ChatSay;
using table::SeatTake;
using table::ZoneDraw;

ChatSay line_of_chat(std::string text) { return {.text = std::move(text)}; }

/// A line on which the test is the other instances.
class TestLine final : public RelayLine {
 public:
  boost::asio::awaitable<void> connected(std::chrono::steady_clock::duration) override { co_return; }
  void attend(std::weak_ptr<RelayListener> table) override { listener = std::move(table); }
  [[nodiscard]] bool shared() const override { return is_shared; }
  void committed(Row row) override { rows.push_back(std::move(row)); }
  void showed(PlayerId player, protocol::Presence const &presence) override { shown.emplace_back(player, presence); }
  void came(PlayerId player) override { here.insert(player); }
  void left(PlayerId player) override { here.erase(player); }
  [[nodiscard]] bool online_elsewhere(PlayerId player) const override { return elsewhere.contains(player); }

  void arrive(PlayerId player) {
    elsewhere.insert(player);
    listener.lock()->elsewhere_changed(player, true);
  }
  void depart(PlayerId player) {
    elsewhere.erase(player);
    listener.lock()->elsewhere_changed(player, false);
  }

  std::weak_ptr<RelayListener> listener;
  bool is_shared = true;
  std::vector<Row> rows;
  std::vector<std::pair<PlayerId, protocol::Presence>> shown;
  std::set<PlayerId> here;
  std::set<PlayerId> elsewhere;
};

/// A table at two instances, of which one hears what the test passes on of the other.
class TableRelayTest : public TableTest {
 protected:
  TableRelayTest() {
    found("cards-52");
    here = &open();
    here->table->attend(line);
    ann = joined(*here, 1);
    there = &open();
    bob = joined(*there, 2);
    turn_until([&] { return there->table->settled(); });
    pass_on();
    settle();
    ann->heard.clear();
    bob->heard.clear();
  }

  /// Rows that the instance here does not know.
  std::vector<Row> news() {
    return rows->with([&](auto &tables) {
      std::vector<Row> found;
      for (auto const &[seq, row] : tables[table_id]) {
        if (seq > here->table->committed().seq) found.push_back(row);
      }
      return found;
    });
  }
  void pass_on() {
    for (auto &row : news()) here->table->row_came(std::move(row));
  }
  void act_there(std::string const &id, table::Operation operation) {
    act(*there, *bob, id, std::move(operation));
    turn_until([&] { return there->table->settled(); });
  }
  /// As both are when all has been told.
  void expect_equal() {
    turn_until([&] { return here->table->settled() && there->table->settled(); });
    here->table->take_in(news(), metrics::RowSource::look);
    there->table->take_in(*here->journal.rows_after(table_id, there->table->committed().seq), metrics::RowSource::look);
    EXPECT_EQ(here->table->committed(), there->table->committed());
  }
  [[nodiscard]] std::uint64_t taken(metrics::RowSource source) const { return metrics.rows_taken.at(source).value(); }

  std::shared_ptr<TestLine> line = std::make_shared<TestLine>();
  Instance *here = nullptr;
  Instance *there = nullptr;
  std::unique_ptr<Listener> ann;
  std::unique_ptr<Listener> bob;
};

TEST_F(TableRelayTest, ARowOfAnotherInstanceIsToldAtOnceAndNothingIsRead) {
  auto const taken_before = taken(metrics::RowSource::relay);
  act_there("b-1", line_of_chat("hello"));
  here->journal.set_available(false);
  pass_on();
  settle();
  ASSERT_EQ(ann->of("chat.said").size(), 1U);
  EXPECT_EQ(ann->of("chat.said")[0].at("data").at("text"), "hello");
  EXPECT_EQ(taken(metrics::RowSource::relay), taken_before + 1);
  EXPECT_EQ(metrics.reloads.value(), 0U);
  here->journal.set_available(true);
  expect_equal();
}

TEST_F(TableRelayTest, ARowThatBeatsOursIsAtHandWhenOursIsLost) {
  here->journal.set_available(false);
  act(*here, *ann, "a-1", SeatTake{.seat = SeatId("s1")});
  act(*here, *ann, "a-2", line_of_chat("mine"));
  settle();
  act_there("b-1", SeatTake{.seat = SeatId("s1")});
  pass_on();
  settle();
  EXPECT_TRUE(ann->heard.empty()) << "our append may have been first";

  here->journal.set_available(true);
  turn_until([&] { return here->table->settled(); });

  EXPECT_EQ(metrics.reloads.value(), 0U) << "nothing had to be read";
  ASSERT_EQ(ann->of("seat.taken").size(), 1U);
  EXPECT_EQ(ann->of("seat.taken")[0].at("by"), player(2).value.text());
  ASSERT_EQ(ann->of("error").size(), 1U);
  EXPECT_EQ(ann->of("error")[0].at("id"), "a-1");
  EXPECT_EQ(ann->of("chat.said").size(), 1U);
  expect_equal();
}

TEST_F(TableRelayTest, ARowThatFollowsOursIsUsedOnceOursIsCommitted) {
  act(*here, *ann, "a-1", line_of_chat("first"));
  shard.turn();
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (news().empty() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  // Committed, and the table has not been told so. Somebody else has read it and goes on from there.
  auto row = news().at(0);
  row.first_seq += 1;
  rows->with([&](auto &tables) { tables[table_id][row.first_seq] = row; });
  here->table->row_came(row);
  EXPECT_TRUE(ann->of("chat.said").empty());

  turn_until([&] { return ann->of("chat.said").size() == 2; });

  EXPECT_EQ(ann->seqs(), (std::vector<Seq>{3, 4}));
  EXPECT_EQ(metrics.reloads.value(), 0U);
  expect_equal();
}

TEST_F(TableRelayTest, WhatWasJudgedBeforeARowCameIsJudgedAgainBehindIt) {
  act_there("b-1", SeatTake{.seat = SeatId("s1")});
  // Decided in this turn, with the journal at its end: the row comes between.
  act(*here, *ann, "a-1", SeatTake{.seat = SeatId("s1")});
  pass_on();
  turn_until([&] { return !ann->of("error").empty(); });
  EXPECT_EQ(ann->of("error")[0].at("id"), "a-1");
  EXPECT_EQ(ann->of("error")[0].at("error").at("code"), "conflict");
  EXPECT_EQ(metrics.reloads.value(), 0U) << "no append was lost";
  expect_equal();
}

TEST_F(TableRelayTest, AGapIsReadAtOnce) {
  act_there("b-1", line_of_chat("one"));
  act_there("b-2", line_of_chat("two"));
  here->table->row_came(news().back());
  turn_until([&] { return ann->of("chat.said").size() == 2; });
  EXPECT_EQ(metrics.reloads.value(), 1U);
  EXPECT_EQ(ann->seqs(), (std::vector<Seq>{3, 4}));
  expect_equal();
}

TEST_F(TableRelayTest, ARowThatIsToldWhileOthersAreReadIsReadAsWell) {
  act_there("b-1", line_of_chat("one"));
  act_there("b-2", line_of_chat("two"));
  auto row = news().back();
  here->table->row_came(row);
  shard.turn();
  std::promise<void> read;  // The pool has one thread: what it was asked before is done then.
  ASSERT_TRUE(here->pool.try_post([&] { read.set_value(); }));
  read.get_future().wait();
  // More is committed before the table has what was read, and only the last of it is told.
  for (int i = 0; i < 2; ++i) {
    ++row.first_seq;
    rows->with([&](auto &tables) { tables[table_id][row.first_seq] = row; });
  }
  here->table->row_came(row);
  turn_until([&] { return here->table->settled(); });
  EXPECT_EQ(ann->seqs(), (std::vector<Seq>{3, 4, 5, 6}));
  EXPECT_EQ(metrics.rows_unfit.value(), 0U);
  expect_equal();
}

TEST_F(TableRelayTest, RowsInAnyOrderAndTwiceMakeOneOrder) {
  here->journal.set_available(false);
  act(*here, *ann, "a-1", line_of_chat("mine"));
  settle();
  for (int i = 0; i < 3; ++i) act_there("b-" + std::to_string(i), line_of_chat(std::to_string(i)));
  auto rows = news();
  for (std::size_t const i : {2U, 0U, 2U, 1U, 0U}) here->table->row_came(rows.at(i));
  here->journal.set_available(true);
  turn_until([&] { return here->table->settled(); });
  EXPECT_EQ(metrics.reloads.value(), 0U);
  EXPECT_EQ(ann->seqs(), (std::vector<Seq>{3, 4, 5, 6}));
  expect_equal();
  for (auto const &row : rows) here->table->row_came(row);
  settle();
  EXPECT_EQ(ann->of("chat.said").size(), 4U) << "known rows do nothing";
}

TEST_F(TableRelayTest, ARowThatCannotBeUsedAsToldIsRead) {
  for (std::string const body : {"", "garbage", "[]", "[1]"}) {
    act_there("b-" + body, line_of_chat("hello"));
    auto row = news().at(0);
    row.body = body;
    auto const reloads = metrics.reloads.value();
    ann->heard.clear();
    here->table->row_came(row);
    turn_until([&] { return ann->of("chat.said").size() == 1; });
    EXPECT_EQ(metrics.reloads.value(), reloads + 1) << body;
    expect_equal();
  }
}

TEST_F(TableRelayTest, ARowThatNobodyWroteStopsNothing) {
  act_there("b-1", line_of_chat("one"));
  auto row = news().at(0);
  row.first_seq += 1'000;
  here->table->row_came(row);
  turn_until([&] { return here->table->settled(); });
  EXPECT_EQ(metrics.reloads.value(), 1U);
  EXPECT_EQ(metrics.rows_unfit.value(), 1U);
  act(*here, *ann, "a-1", line_of_chat("two"));
  turn_until([&] { return ann->of("chat.said").size() == 2; });
  expect_equal();
}

TEST_F(TableRelayTest, OnlySoManyRowsWaitAndTheRestIsRead) {
  here->journal.set_available(false);
  act(*here, *ann, "a-1", line_of_chat("mine"));
  settle();
  constexpr std::size_t kMany = TableHost::kHeardRowsMax + 20;
  for (std::size_t i = 0; i < kMany; ++i) act_there("b-" + std::to_string(i), line_of_chat("x"));
  pass_on();
  EXPECT_EQ(metrics.rows_unfit.value(), 20U);
  here->journal.set_available(true);
  turn_until([&] { return here->table->settled(); });
  EXPECT_EQ(ann->of("chat.said").size(), kMany + 1);
  expect_equal();
}

TEST_F(TableRelayTest, RowsFoundByLookingWhileAnAppendIsUnderWayAreNotLost) {
  here->journal.set_available(false);
  act(*here, *ann, "a-1", line_of_chat("mine"));
  settle();
  act_there("b-1", line_of_chat("theirs"));
  here->table->take_in(news(), metrics::RowSource::look);
  here->journal.set_available(true);
  turn_until([&] { return here->table->settled(); });
  EXPECT_EQ(metrics.reloads.value(), 0U);
  expect_equal();
}

TEST_F(TableRelayTest, WhereNobodyElseIsNothingIsTold) {
  line->is_shared = false;
  act(*here, *ann, "a-1", line_of_chat("hello"));
  here->table->presence(*ann, {.cursor = protocol::Point{1, 2}, .drag = {}, .typing = {}});
  turn_until([&] { return here->table->settled(); });
  settle();
  EXPECT_TRUE(line->rows.empty());
  EXPECT_TRUE(line->shown.empty());
}

TEST_F(TableRelayTest, TellsTheRowThatTheJournalHas) {
  here->journal.set_available(false);
  act(*here, *ann, "a-1", line_of_chat("one"));
  act(*here, *ann, "a-2", line_of_chat("two"));
  settle();
  EXPECT_TRUE(line->rows.empty()) << "nobody is told before the commit";
  here->journal.set_available(true);
  turn_until([&] { return here->table->settled(); });
  auto const rows = *here->journal.rows_after(table_id, 2);
  ASSERT_EQ(line->rows.size(), rows.size());
  EXPECT_EQ(line->rows[0].first_seq, rows[0].first_seq);
  EXPECT_EQ(line->rows[0].n, rows[0].n);
  EXPECT_EQ(line->rows[0].at, rows[0].at);
  EXPECT_EQ(line->rows[0].body, rows[0].body);
}

TEST_F(TableRelayTest, WhatIsHeardIsNotToldOn) {
  line->rows.clear();
  act_there("b-1", line_of_chat("hello"));
  pass_on();
  here->table->presence_came(player(2), {.cursor = protocol::Point{1, 2}, .drag = {}, .typing = {}});
  settle();
  EXPECT_EQ(ann->of("chat.said").size(), 1U);
  EXPECT_EQ(ann->of("presence").size(), 1U);
  EXPECT_TRUE(line->rows.empty());
  EXPECT_TRUE(line->shown.empty());
}

TEST_F(TableRelayTest, PresenceFromElsewhereIsJudgedHereLikeOnesOwn) {
  act_there("b-1", SeatTake{.seat = SeatId("s1")});
  act_there("b-2", ZoneDraw{.from = ZoneId("deck"), .to = {}, .count = 1, .side = {}});
  pass_on();
  settle();
  // Bob holds the card, and is connected to both instances; Ann must not hear of what he does inside his hand.
  auto const laptop = joined(*here, 2, "laptop");
  settle();
  ann->heard.clear();
  laptop->heard.clear();
  auto const card = here->table->committed().find_zone(ZoneId("hand:s1"))->order.at(0);
  here->table->presence_came(
      player(2),
      {.cursor = protocol::Point{5, 6}, .drag = protocol::Drag{.piece = card, .x = 1, .y = 2}, .typing = {}});
  settle();
  ASSERT_EQ(ann->of("presence").size(), 1U);
  EXPECT_EQ(ann->of("presence")[0].at("data"), Json({{"cursor", {5.0, 6.0}}}));
  ASSERT_EQ(laptop->of("presence").size(), 1U);
  EXPECT_EQ(laptop->of("presence")[0].at("data").at("drag").at("piece"), to_text(card));

  // Strangers show nothing, and spectators neither typing nor drags.
  here->table->presence_came(player(9), {.cursor = protocol::Point{5, 6}, .drag = {}, .typing = {}});
  here->table->presence_came(player(1),
                             {.cursor = {}, .drag = protocol::Drag{.piece = card, .x = 1, .y = 2}, .typing = {}});
  settle();
  EXPECT_EQ(ann->of("presence").size(), 1U);
  EXPECT_EQ(laptop->of("presence").size(), 1U);
}

TEST_F(TableRelayTest, TellsWhatIsShownHere) {
  here->table->presence(*ann, {.cursor = protocol::Point{1, 2}, .drag = {}, .typing = {}});
  here->table->presence(*ann, {.cursor = protocol::Point{3, 4}, .drag = {}, .typing = {}});
  settle();
  ASSERT_EQ(line->shown.size(), 1U) << "the latest of a turn";
  EXPECT_EQ(line->shown[0].first, player(1));
  EXPECT_EQ(line->shown[0].second.cursor, (protocol::Point{3, 4}));
}

TEST_F(TableRelayTest, SomebodyElsewhereIsOnlineHere) {
  auto const bob_in = [&](std::string const &state) {
    for (auto const &each : Json::parse(state).at("state").at("players")) {
      if (each.at("id") == player(2).value.text()) return each.at("online").get<bool>();
    }
    ADD_FAILURE() << state;
    return false;
  };
  EXPECT_FALSE(bob_in(*here->table->read(player(1))));
  line->arrive(player(2));
  settle();
  EXPECT_TRUE(bob_in(*here->table->read(player(1))));
  ASSERT_EQ(ann->of("presence").size(), 1U);
  EXPECT_EQ(ann->of("presence")[0].at("data"), Json({{"online", true}}));
  EXPECT_EQ(ann->of("presence")[0].at("by"), player(2).value.text());

  // Here as well, and here no more: nothing changes for others.
  auto const laptop = joined(*here, 2, "laptop");
  EXPECT_TRUE(line->here.contains(player(2)));
  here->table->leave(*laptop);
  EXPECT_FALSE(line->here.contains(player(2)));
  settle();
  EXPECT_EQ(ann->of("presence").size(), 1U);

  line->depart(player(2));
  settle();
  ASSERT_EQ(ann->of("presence").size(), 2U);
  EXPECT_EQ(ann->of("presence")[1].at("data"), Json({{"online", false}}));
  EXPECT_FALSE(bob_in(*here->table->read(player(1))));
}

TEST_F(TableRelayTest, SomebodyHereStaysOnlineWhenTheyLeaveElsewhere) {
  auto const laptop = joined(*here, 2, "laptop");
  settle();
  ann->heard.clear();
  line->arrive(player(2));
  line->depart(player(2));
  settle();
  EXPECT_TRUE(ann->of("presence").empty());
}

TEST_F(TableRelayTest, ANewcomerElsewhereIsToldOfBeforeTheyAreOnline) {
  line->arrive(player(3));
  settle();
  EXPECT_TRUE(ann->heard.empty()) << "a stranger, as yet";
  auto const cat = joined(*there, 3);
  pass_on();
  settle();
  ASSERT_EQ(ann->heard.size(), 2U);
  EXPECT_EQ(ann->heard[0].at("ev"), "player.joined");
  EXPECT_EQ(ann->heard[1].at("data"), Json({{"online", true}}));
}

TEST_F(TableRelayTest, SaysWhoIsHereAndHowFarItIs) {
  auto const laptop = joined(*here, 1, "laptop");
  auto const at_home = here->table->here();
  EXPECT_EQ(at_home.online, std::vector{player(1)});
  EXPECT_EQ(at_home.seq, here->table->committed().seq);
}

}  // namespace
}  // namespace tableforge::host
