#include <barrier>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "journal_world.hpp"

namespace tableforge::test {
namespace {

using host::Appended;

/// The rules of the journal, as every implementation has to keep them.
template <class World>
class JournalContract : public testing::Test {
 protected:
  World world;
  std::unique_ptr<typename World::Instance> instance = world.instance();
  host::Journal &journal = instance->journal;
  TableId const table = new_table();

  /// Rows of one event each, up to and including `last`.
  void fill(TableId into, Seq last) {
    for (Seq seq = 1; seq <= last; ++seq) {
      ASSERT_EQ(append_and_wait(journal, make_append(into, seq)), Appended::committed);
    }
  }
};

using Worlds = testing::Types<MemoryWorld, PostgresWorld>;
TYPED_TEST_SUITE(JournalContract, Worlds);

TYPED_TEST(JournalContract, ReadsBackWhatWasCommitted) {
  host::Append append = make_append(this->table, 1, 3, R"([{"a":1},{"b":[true,null]},{"c":-2.5}])");
  append.at = Time(std::chrono::microseconds(1'795'459'800'123'456));
  ASSERT_EQ(append_and_wait(this->journal, append), Appended::committed);

  auto const rows = this->journal.rows_after(this->table, 0);

  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0].first_seq, 1u);
  EXPECT_EQ((*rows)[0].n, 3u);
  EXPECT_EQ((*rows)[0].append_id, append.append_id);
  EXPECT_EQ((*rows)[0].at, append.at);
  EXPECT_EQ(nlohmann::json::parse((*rows)[0].body), nlohmann::json::parse(append.body));
}

TYPED_TEST(JournalContract, KeepsTextsThatLookLikeSyntax) {
  std::string const nasty = "\"quoted\" \\ back\\\\slash {brace},NULL,{} \t\n 'single' $1 \u00e9 \U0001f0a1 \x7f";
  std::string const body = nlohmann::json::array({{{"text", nasty}}}).dump();
  std::vector<std::future<Appended>> futures;
  // Neighbours in the same batch show if one text runs into the next.
  std::vector<TableId> tables;
  for (int i = 0; i < 10; ++i) {
    tables.push_back(new_table());
    futures.push_back(start_append(this->journal, make_append(tables.back(), 1, 1, body)));
  }
  for (auto &future : futures) ASSERT_EQ(outcome_of(future), Appended::committed);
  for (TableId const each : tables) {
    auto const rows = this->journal.rows_after(each, 0);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(nlohmann::json::parse(rows->front().body)[0]["text"].template get<std::string>(), nasty);
  }
}

TYPED_TEST(JournalContract, GivesATakenKeyToNobodyElse) {
  host::Append const first = make_append(this->table, 1, 2);
  ASSERT_EQ(append_and_wait(this->journal, first), Appended::committed);

  auto const other = this->world.instance();
  EXPECT_EQ(append_and_wait(other->journal, make_append(this->table, 1)), Appended::lost);

  auto const rows = this->journal.rows_after(this->table, 0);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().append_id, first.append_id);
}

TYPED_TEST(JournalContract, GivesEachOfThoseThatComeTogetherItsOwnOutcome) {
  auto const taken = new_table();
  ASSERT_EQ(append_and_wait(this->journal, make_append(taken, 1)), Appended::committed);
  std::vector<host::Append> together{make_append(new_table(), 1), make_append(taken, 1), make_append(new_table(), 1)};
  std::vector<std::future<Appended>> futures;
  std::vector<host::Appending> appends;
  for (auto const &append : together) {
    std::promise<Appended> promise;
    futures.push_back(promise.get_future());
    appends.push_back(
        {append, [promise = std::move(promise)](Appended outcome) mutable { promise.set_value(outcome); }});
  }

  this->journal.append(std::move(appends));

  EXPECT_EQ(outcome_of(futures[0]), Appended::committed);
  EXPECT_EQ(outcome_of(futures[1]), Appended::lost);
  EXPECT_EQ(outcome_of(futures[2]), Appended::committed);
}

TYPED_TEST(JournalContract, SkipsOnlyTheLoserOfABatch) {
  this->fill(this->table, 1);
  std::vector<std::future<Appended>> others;
  for (int i = 0; i < 20; ++i) others.push_back(start_append(this->journal, make_append(new_table(), 1)));
  auto loser = start_append(this->journal, make_append(this->table, 1));

  EXPECT_EQ(outcome_of(loser), Appended::lost);
  for (auto &other : others) EXPECT_EQ(outcome_of(other), Appended::committed);
}

TYPED_TEST(JournalContract, RefusesOnlyThePoisonedOneOfFifty) {
  std::vector<std::future<Appended>> healthy;
  std::optional<std::future<Appended>> poisoned;
  for (int i = 0; i < 50; ++i) {
    if (i == 25) {
      poisoned = start_append(this->journal, make_append(this->table, 1, 1, R"([{"text":"\u0000"}])"));
    } else {
      healthy.push_back(start_append(this->journal, make_append(new_table(), 1)));
    }
  }

  EXPECT_EQ(outcome_of(*poisoned), Appended::refused);
  for (auto &each : healthy) EXPECT_EQ(outcome_of(each), Appended::committed);
  auto const rows = this->journal.rows_after(this->table, 0);
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->empty());
}

TYPED_TEST(JournalContract, RefusesEveryKindOfPoison) {
  for (std::string const &body :
       {std::string("[{\"text\":\"\\u0000\"}]"), std::string("[\"\\ud800\"]"), std::string("[1,"), std::string(),
        std::string("[\"\xff\"]"), std::string("[\"a\0b\"]", 7)}) {
    EXPECT_EQ(append_and_wait(this->journal, make_append(this->table, 1, 1, body)), Appended::refused) << body;
  }
  EXPECT_EQ(append_and_wait(this->journal, make_append(this->table, 1)), Appended::committed);
}

TYPED_TEST(JournalContract, ReadsOnlyWhatIsBehind) {
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 1, 5)), Appended::committed);
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 6, 1)), Appended::committed);
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 7, 2)), Appended::committed);

  auto const behind = this->journal.rows_after(this->table, 5);
  ASSERT_TRUE(behind);
  ASSERT_EQ(behind->size(), 2u);
  EXPECT_EQ((*behind)[0].first_seq, 6u);
  EXPECT_EQ((*behind)[1].first_seq, 7u);
  EXPECT_TRUE(this->journal.rows_after(this->table, 8)->empty());
  EXPECT_TRUE(this->journal.rows_after(this->table, ~Seq{0})->empty());
  EXPECT_TRUE(this->journal.rows_after(new_table(), 0)->empty());
}

TYPED_TEST(JournalContract, NeverLoadsAcrossAGap) {
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 1, 2)), Appended::committed);
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 4, 1)), Appended::committed);

  auto const all = this->journal.rows_after(this->table, 0);
  auto const held = this->journal.rows_holding(this->table, 1, 4);
  auto const missing_start = this->journal.rows_after(this->table, 2);

  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, Errc::corrupt);
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Errc::corrupt);
  ASSERT_FALSE(missing_start);
  EXPECT_EQ(missing_start.error().code, Errc::corrupt);
  EXPECT_TRUE(this->journal.rows_after(this->table, 3));
}

TYPED_TEST(JournalContract, NeverLoadsAnOverlap) {
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 1, 3)), Appended::committed);
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 2, 1)), Appended::committed);

  auto const all = this->journal.rows_after(this->table, 0);

  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, Errc::corrupt);
}

TYPED_TEST(JournalContract, HoldsTheWholeRowsOfARange) {
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 1, 3)), Appended::committed);
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 4, 3)), Appended::committed);
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 7, 3)), Appended::committed);
  auto const first_seqs = [&](Seq from, Seq to) {
    std::vector<Seq> out;
    auto const rows = this->journal.rows_holding(this->table, from, to).value();
    for (host::Row const &row : rows) out.push_back(row.first_seq);
    return out;
  };

  EXPECT_EQ(first_seqs(5, 5), (std::vector<Seq>{4}));
  EXPECT_EQ(first_seqs(3, 4), (std::vector<Seq>{1, 4}));
  EXPECT_EQ(first_seqs(6, 100), (std::vector<Seq>{4, 7}));
  EXPECT_EQ(first_seqs(0, 1), (std::vector<Seq>{1}));
  EXPECT_EQ(first_seqs(10, 20), (std::vector<Seq>{}));
}

TYPED_TEST(JournalContract, TellsWhatIsNewerOfEachTable) {
  TableId const quiet = new_table();
  TableId const fresh = new_table();
  TableId const unknown = new_table();
  this->fill(this->table, 4);
  this->fill(quiet, 2);
  this->fill(fresh, 2);

  auto const newer = this->journal.rows_newer({{this->table, 2}, {quiet, 2}, {fresh, 0}, {unknown, 0}}, 100);

  ASSERT_TRUE(newer);
  std::map<TableId, std::vector<Seq>> found;
  for (host::TableRow const &each : *newer) found[each.table].push_back(each.row.first_seq);
  EXPECT_EQ(found, (std::map<TableId, std::vector<Seq>>{{this->table, {3, 4}}, {fresh, {1, 2}}}));
  EXPECT_TRUE(this->journal.rows_newer({}, 100)->empty());
}

TYPED_TEST(JournalContract, SharesTheLimitAmongTablesWithNews) {
  TableId const other = new_table();
  this->fill(this->table, 6);
  this->fill(other, 6);
  std::map<TableId, Seq> known{{this->table, 0}, {other, 0}};
  for (Seq const expected : {2u, 4u, 6u}) {
    auto const newer = this->journal.rows_newer({known.begin(), known.end()}, 4);
    ASSERT_TRUE(newer);
    ASSERT_EQ(newer->size(), 4u);
    for (host::TableRow const &each : *newer) {
      EXPECT_EQ(each.row.first_seq, known[each.table] + 1);
      known[each.table] = each.row.first_seq;
    }
    EXPECT_EQ(known, (std::map<TableId, Seq>{{this->table, expected}, {other, expected}}));
  }
}

TYPED_TEST(JournalContract, TellsTheNewsOfOtherTablesBesideAGap) {
  TableId const sound = new_table();
  this->fill(sound, 2);
  ASSERT_EQ(append_and_wait(this->journal, make_append(this->table, 5)), Appended::committed);

  auto const newer = this->journal.rows_newer({{this->table, 0}, {sound, 0}}, 100);

  ASSERT_TRUE(newer);
  ASSERT_EQ(newer->size(), 2u);
  for (host::TableRow const &each : *newer) EXPECT_EQ(each.table, sound);
}

/// What one of two instances knows and did in the race below.
struct Racer {
  std::vector<std::pair<TableId, Seq>> heads;
  std::set<Uuid> won;
  int lost = 0;
};

template <class Instance>
void race(Instance &instance, Racer &racer, std::barrier<> &start, int rounds, unsigned seed) {
  std::mt19937 random(seed);
  for (int round = 0; round < rounds; ++round) {
    // Every so often both instances send at once, and run freely in between. Each sends in an order of its own: what
    // would deadlock if the order of a statement were the caller's.
    if (round % 5 == 0) start.arrive_and_wait();
    std::ranges::shuffle(racer.heads, random);
    std::vector<host::Append> appends;
    std::vector<std::future<Appended>> futures;
    for (auto const &[table, head] : racer.heads) {
      appends.push_back(make_append(table, head + 1, 1 + static_cast<std::uint32_t>(random() % 3)));
      futures.push_back(start_append(instance.journal, appends.back()));
    }
    bool any_lost = false;
    for (std::size_t i = 0; i < futures.size(); ++i) {
      Appended const outcome = outcome_of(futures[i]);
      if (outcome == Appended::committed) {
        racer.won.insert(appends[i].append_id);
        racer.heads[i].second = appends[i].first_seq + appends[i].n - 1;
      } else {
        ASSERT_EQ(outcome, Appended::lost);
        ++racer.lost;
        any_lost = true;
      }
    }
    if (!any_lost) continue;
    auto const newer = instance.journal.rows_newer(racer.heads, 1'000);
    ASSERT_TRUE(newer);
    for (host::TableRow const &each : *newer) {
      auto const head = std::ranges::find(racer.heads, each.table, &std::pair<TableId, Seq>::first);
      head->second = each.row.first_seq + each.row.n - 1;
    }
  }
}

TYPED_TEST(JournalContract, LetsTwoWritersRaceWithoutGapOverlapOrDeadlock) {
  constexpr int kTables = 20;
  constexpr int kRounds = 500;  // Times 20 tables: 10,000 appends of each writer.
  unsigned const seed = std::random_device{}();
  this->RecordProperty("seed", std::to_string(seed));
  std::cout << "seed " << seed << '\n';
  Racer racers[2];
  for (int i = 0; i < kTables; ++i) {
    TableId const table = new_table();
    for (Racer &racer : racers) racer.heads.emplace_back(table, 0);
  }
  auto const rival = this->world.instance();

  std::barrier start(2);
  std::thread other([&] { race(*rival, racers[1], start, kRounds, seed + 1); });
  race(*this->instance, racers[0], start, kRounds, seed);
  other.join();

  std::set<Uuid> stored;
  std::size_t rows_stored = 0;
  for (auto const &[table, head] : racers[0].heads) {
    auto const rows = this->journal.rows_after(table, 0);  // Refuses gaps and overlaps.
    ASSERT_TRUE(rows);
    rows_stored += rows->size();
    for (host::Row const &row : *rows) stored.insert(row.append_id);
  }
  std::set<Uuid> won = racers[0].won;
  won.insert(racers[1].won.begin(), racers[1].won.end());
  int const lost = racers[0].lost + racers[1].lost;
  std::cout << "won " << racers[0].won.size() << " + " << racers[1].won.size() << ", lost " << lost << '\n';
  EXPECT_EQ(stored, won);
  EXPECT_EQ(rows_stored, won.size());
  EXPECT_EQ(won.size() + static_cast<std::size_t>(lost), std::size_t{2} * kRounds * kTables);
  EXPECT_GE(lost, kTables) << "the writers never met";
  EXPECT_EQ(this->instance->retries() + rival->retries(), 0u) << "deadlocks or serialization failures";
}

}  // namespace
}  // namespace tableforge::test
