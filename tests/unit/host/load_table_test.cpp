#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tableforge/codec/state_document.hpp"
#include "tableforge/host/open_tables.hpp"

#include "table_fixture.hpp"

namespace tableforge::host {

namespace {

namespace asio = boost::asio;

table::ChatSay spoken(std::string text) { return {.text = std::move(text)}; }

/// A cache that never forgets by itself.
class MemoryStates final : public TableStates {
 public:
  asio::awaitable<std::shared_ptr<KeptState const>> find(TableId table) override {
    auto const found = states.find(table);
    co_return found == states.end() ? nullptr : found->second;
  }
  asio::awaitable<void> keep(TableId table, std::shared_ptr<KeptState const> state) override {
    auto &there = states[table];
    if (!there || there->seq < state->seq) there = std::move(state);
    co_return;
  }
  [[nodiscard]] bool outlives_us() const override { return shared; }
  asio::awaitable<void> forget(TableId table, Seq seq) override {
    auto const found = states.find(table);
    if (found != states.end() && found->second->seq <= seq) states.erase(found);
    co_return;
  }

  std::map<TableId, std::shared_ptr<KeptState const>> states;
  bool shared = true;
};

/// A store that may not be asked.
class NoSnapshots final : public SnapshotStore {
 public:
  Result<std::optional<Snapshot>> newest(TableId) override {
    ++asked;
    return std::nullopt;
  }
  Result<void> save(TableId, Snapshot) override { return {}; }
  int asked = 0;
};

class LoadTable : public TableTest {
 protected:
  /// A table of so many events, its home and the state that it has.
  Instance &played(int events) {
    found("cards-52");
    auto &home = open();
    owners.push_back(joined(home, 1));
    talk(home, *owners.back(), events - 1);
    return home;
  }
  void talk(Instance &home, Listener &member, int times) {
    for (int i = 0; i < times; ++i) {
      act(home, member, std::to_string(home.table->committed().seq) + "-" + std::to_string(i), spoken("x"));
      turn_until([&] { return home.table->settled(); });
    }
  }
  static KeptState kept(table::State const &state, Seq snapshot_seq = 0) {
    return {.seq = state.seq, .snapshot_seq = snapshot_seq, .state = std::make_shared<table::State const>(state)};
  }
  static KeptState kept_as_document(table::State const &state, Seq snapshot_seq = 0) {
    return {.seq = state.seq, .snapshot_seq = snapshot_seq, .document = codec::encode_state(state)};
  }

  std::vector<std::unique_ptr<Listener>> owners;
};

TEST_F(LoadTable, BeginsWithAKeptStateAndReadsNoSnapshot) {
  auto &home = played(20);
  auto const states = {kept(home.table->committed(), 9), kept_as_document(home.table->committed(), 9)};
  talk(home, *owners.back(), 3);
  NoSnapshots store;

  for (auto const &state : states) {
    auto const loaded = load_table(table_id, home.journal, store, 100, &state);

    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->state, home.table->committed());
    EXPECT_EQ(loaded->state.seq, 23U);
    EXPECT_EQ(loaded->recent.size(), 3U) << "only what was replayed";
    EXPECT_EQ(loaded->snapshot_seq, 9U);
    EXPECT_EQ(store.asked, 0);
    EXPECT_FALSE(loaded->kept_is_wrong);
  }
}

TEST_F(LoadTable, LeavesAsideAKeptStateThatIsNotTheTables) {
  auto &home = played(20);
  auto const &truth = home.table->committed();
  auto of_another = truth;
  of_another.id = TableId(Uuid::random());
  auto of_another_seq = kept(truth);
  of_another_seq.seq = 19;
  auto garbage = kept_as_document(truth);
  garbage.document = "nonsense";
  for (auto const &wrong : {kept(of_another), kept_as_document(of_another), of_another_seq, garbage}) {
    auto const loaded = load_table(table_id, home.journal, snapshots, 100, &wrong);

    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->state, truth);
    EXPECT_TRUE(loaded->kept_is_wrong);
  }
}

TEST_F(LoadTable, LeavesAsideAKeptStateOfAHistoryThatWasTakenBack) {
  auto &home = played(20);
  auto const ahead = kept(home.table->committed());
  rows->with([&](auto &tables) {
    auto &of_table = tables[table_id];
    of_table.erase(of_table.upper_bound(12), of_table.end());
  });

  auto const loaded = load_table(table_id, home.journal, snapshots, 100, &ahead);

  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->state.seq, 12U);
  EXPECT_TRUE(loaded->kept_is_wrong);
}

TEST_F(LoadTable, GivesAStateToKeepOnlyIfMuchWasReplayed) {
  auto &home = played(kWorthKeepingEvents - 1);
  auto const little = load_table(table_id, home.journal, snapshots, 10);
  talk(home, *owners.back(), 1);
  auto const much = load_table(table_id, home.journal, snapshots, 10);

  ASSERT_TRUE(little && much);
  EXPECT_FALSE(little->worth_keeping);
  ASSERT_TRUE(much->worth_keeping);
  EXPECT_EQ(much->worth_keeping->seq, kWorthKeepingEvents);
  EXPECT_EQ(*much->worth_keeping->state, home.table->committed());
}

/// Tables of one shard, opened as the server does.
class LoadOpenTables : public LoadTable {
 protected:
  std::unique_ptr<OpenTables> tables_of(Instance &instance, SnapshotStore &store) {
    return std::make_unique<OpenTables>(OpenTables::Parts{.shard = shard,
                                                          .pool = instance.pool,
                                                          .journal = instance.journal,
                                                          .snapshots = store,
                                                          .states = &states,
                                                          .relay = relay,
                                                          .knobs = knobs,
                                                          .metrics = metrics,
                                                          .framer = instance.context.framer,
                                                          .renamed = [](TableId, std::string const &) {}});
  }
  std::shared_ptr<TableHost> opened(OpenTables &tables) {
    std::optional<Result<std::shared_ptr<TableHost>>> result;
    asio::co_spawn(shard.executor(), tables.open(table_id),
                   [&](std::exception_ptr, Result<std::shared_ptr<TableHost>> got) { result = std::move(got); });
    turn_until([&] { return result.has_value(); });
    EXPECT_TRUE(result && *result);
    return **result;
  }
  void close(OpenTables &tables, std::chrono::milliseconds limit = std::chrono::seconds(5)) {
    bool closed = false;
    asio::co_spawn(shard.executor(), tables.close(std::chrono::milliseconds(1), limit),
                   [&](std::exception_ptr) { closed = true; });
    turn_until([&] { return closed; });
  }

  MemoryStates states;
  Relay *relay = nullptr;
};

/// Lines that take their time, during which something happens.
class SlowRelay final : public Relay {
 public:
  class SlowLine final : public RelayLine {
   public:
    explicit SlowLine(std::function<void()> its_meanwhile) : meanwhile(std::move(its_meanwhile)) {}
    asio::awaitable<void> connected(std::chrono::steady_clock::duration) override {
      meanwhile();
      co_return;
    }
    void attend(std::weak_ptr<RelayListener>) override {}
    [[nodiscard]] bool shared() const override { return false; }
    void committed(Row) override {}
    void showed(PlayerId, protocol::Presence const &) override {}
    void came(PlayerId) override {}
    void left(PlayerId) override {}
    [[nodiscard]] bool online_elsewhere(PlayerId) const override { return false; }

    std::function<void()> meanwhile;
  };

  explicit SlowRelay(std::function<void()> its_meanwhile) : meanwhile(std::move(its_meanwhile)) {}
  std::shared_ptr<RelayLine> follow(TableId) override { return std::make_shared<SlowLine>(meanwhile); }

  std::function<void()> meanwhile;
};

TEST_F(LoadOpenTables, ReadNothingBeforeOthersAreHeard) {
  auto &home = played(40);
  // The last that is committed before what is committed is told here.
  SlowRelay slow([&] {
    rows->with([&](auto &tables) {
      auto row = tables[table_id].rbegin()->second;
      ++row.first_seq;
      tables[table_id][row.first_seq] = row;
    });
  });
  relay = &slow;
  auto tables = tables_of(home, snapshots);

  EXPECT_EQ(opened(*tables)->committed().seq, 41U);
  close(*tables);
}

TEST_F(LoadOpenTables, KeepWhatTookLongToReplayAndBeginWithItNextTime) {
  auto &home = played(40);
  NoSnapshots store;
  auto first = tables_of(home, store);
  opened(*first);
  turn_until([&] { return states.states.contains(table_id); });
  auto second = tables_of(home, store);
  store.asked = 0;

  auto const again = opened(*second);

  EXPECT_EQ(states.states.at(table_id)->seq, 40U);
  EXPECT_EQ(again->committed(), home.table->committed());
  EXPECT_EQ(store.asked, 0);
  EXPECT_FALSE(again->has_snapshot()) << "none was written yet, however near the state was";
  close(*first);
  close(*second);
}

TEST_F(LoadOpenTables, ForgetAStateThatIsOfNoUseAndKeepABetterOne) {
  auto &home = played(40);
  states.states[table_id] =
      std::make_shared<KeptState const>(KeptState{.seq = 40, .snapshot_seq = 0, .document = "nonsense"});
  auto tables = tables_of(home, snapshots);

  auto const host = opened(*tables);
  turn_until([&] { return states.states.contains(table_id) && states.states[table_id]->state != nullptr; });

  EXPECT_EQ(host->committed(), home.table->committed());
  EXPECT_EQ(*states.states.at(table_id)->state, home.table->committed());
  close(*tables);
}

TEST_F(LoadOpenTables, KeepTheStateOfEverySnapshotThatIsWritten) {
  auto &home = played(20);
  auto tables = tables_of(home, snapshots);
  auto const host = opened(*tables);
  ASSERT_FALSE(states.states.contains(table_id));

  host->snapshot();
  turn_until([&] { return states.states.contains(table_id); });

  EXPECT_EQ(states.states.at(table_id)->seq, 20U);
  EXPECT_EQ(states.states.at(table_id)->snapshot_seq, 20U);
  EXPECT_EQ(codec::encode_state(*states.states.at(table_id)->state), snapshots.newest(table_id).value()->state);
  close(*tables);
}

/// A table that is open here and has gone on without a snapshot since it was loaded.
class LoadOpenTablesAtTheEnd : public LoadOpenTables {
 protected:
  std::shared_ptr<TableHost> gone_on(OpenTables &tables, Instance &home, int events) {
    auto host = opened(tables);
    auto const before = host->committed().seq;
    talk(home, *owners.back(), events);
    host->take_in(home.journal.rows_after(table_id, before).value(), metrics::RowSource::look);
    EXPECT_EQ(host->committed().seq, home.table->committed().seq);
    EXPECT_TRUE(states.states.empty());
    return host;
  }
};

TEST_F(LoadOpenTablesAtTheEnd, AreKeptForWhoServesThemNext) {
  auto &home = played(20);
  auto tables = tables_of(home, snapshots);
  gone_on(*tables, home, 40);

  close(*tables);

  ASSERT_TRUE(states.states.contains(table_id));
  auto const &kept = *states.states.at(table_id);
  EXPECT_EQ(kept.seq, 60U);
  EXPECT_EQ(kept.snapshot_seq, 0U);
  EXPECT_EQ(*kept.state, home.table->committed());
}

TEST_F(LoadOpenTablesAtTheEnd, AreNotKeptWhereNobodyWouldFindThemOrLittleWouldBeSaved) {
  auto &home = played(10);
  auto few = tables_of(home, snapshots);
  gone_on(*few, home, 15);
  close(*few);
  EXPECT_TRUE(states.states.empty());

  states.shared = false;
  auto alone = tables_of(home, snapshots);
  gone_on(*alone, home, 40);
  close(*alone);
  EXPECT_TRUE(states.states.empty());
}

TEST_F(LoadOpenTablesAtTheEnd, AreLeftOutWhenThereIsNoTimeLeft) {
  auto &home = played(20);
  auto tables = tables_of(home, snapshots);
  gone_on(*tables, home, 40);
  close(*tables, std::chrono::milliseconds(0));
  EXPECT_TRUE(states.states.empty());
}

}  // namespace
}  // namespace tableforge::host
