#include <algorithm>
#include <atomic>
#include <barrier>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "store_worlds.hpp"

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;

Time const kStoreNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 18h + 123'456us};

using Stores = testing::Types<MemoryStores, PostgresStores>;

template <class World>
class SnapshotContract : public testing::Test {
 protected:
  World world;
  TableId const table = new_table();
};
TYPED_TEST_SUITE(SnapshotContract, Stores);

TYPED_TEST(SnapshotContract, KnowsNoneAtFirst) {
  auto const newest = this->world.snapshots.newest(this->table);
  ASSERT_TRUE(newest);
  EXPECT_FALSE(*newest);
}

TYPED_TEST(SnapshotContract, KeepsEveryByteOfTheNewest) {
  std::string state;
  for (int i = 0; i < 100'000; ++i) state += static_cast<char>(i * 7);
  ASSERT_TRUE(this->world.snapshots.save(this->table, {.seq = 7, .state = state}));
  ASSERT_TRUE(this->world.snapshots.save(new_table(), {.seq = 9, .state = "of another table"}));

  auto const newest = this->world.snapshots.newest(this->table);

  ASSERT_TRUE(newest && *newest);
  EXPECT_EQ((*newest)->seq, 7u);
  EXPECT_EQ((*newest)->state, state);
}

TYPED_TEST(SnapshotContract, PrunesAllButTheNewestTwo) {
  TableId const other = new_table();
  ASSERT_TRUE(this->world.snapshots.save(other, {.seq = 1, .state = "o"}));
  for (Seq const seq : {100u, 200u, 300u, 400u}) {
    ASSERT_TRUE(this->world.snapshots.save(this->table, {.seq = seq, .state = std::to_string(seq)}));
  }
  EXPECT_EQ(this->world.snapshots_kept(this->table), 2u);
  EXPECT_EQ(this->world.snapshots.newest(this->table).value()->seq, 400u);
  EXPECT_EQ(this->world.snapshots_kept(other), 1u);
}

TYPED_TEST(SnapshotContract, IsNotTakenBackByALateOlderOne) {
  for (Seq const seq : {100u, 300u, 200u}) {
    ASSERT_TRUE(this->world.snapshots.save(this->table, {.seq = seq, .state = std::to_string(seq)}));
  }
  auto const newest = this->world.snapshots.newest(this->table);
  EXPECT_EQ((*newest)->seq, 300u);
  EXPECT_EQ((*newest)->state, "300");
}

TYPED_TEST(SnapshotContract, MaySaveTheSameTwice) {
  ASSERT_TRUE(this->world.snapshots.save(this->table, {.seq = 5, .state = "five"}));
  ASSERT_TRUE(this->world.snapshots.save(this->table, {.seq = 5, .state = "five"}));
  EXPECT_EQ(this->world.snapshots_kept(this->table), 1u);
}

template <class World>
class PlayerContract : public testing::Test {
 protected:
  World world;
  lobby::PlayerRecord const ann{.id = PlayerId(Uuid::random()), .name = "Änn \"\\\" 🂡", .created_at = kStoreNow};
};
TYPED_TEST_SUITE(PlayerContract, Stores);

TYPED_TEST(PlayerContract, FindsWhoWasAdded) {
  ASSERT_TRUE(this->world.players.add(this->ann));
  auto const found = this->world.players.find(this->ann.id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, this->ann.id);
  EXPECT_EQ((*found)->name, this->ann.name);
  EXPECT_EQ((*found)->created_at, this->ann.created_at);
}

TYPED_TEST(PlayerContract, FindsNobodyElse) {
  auto const found = this->world.players.find(PlayerId(Uuid::random()));
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

TYPED_TEST(PlayerContract, MayAddTheSameTwiceButNobodyInHerPlace) {
  ASSERT_TRUE(this->world.players.add(this->ann));
  EXPECT_TRUE(this->world.players.add(this->ann));
  lobby::PlayerRecord impostor = this->ann;
  impostor.name = "Mallory";
  auto const added = this->world.players.add(impostor);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::conflict);
  EXPECT_EQ(this->world.players.find(this->ann.id).value()->name, this->ann.name);
}

template <class World>
class DirectoryContract : public testing::Test {
 protected:
  World world;

  lobby::TableRecord record(Time created_at, table::Listing listing = table::Listing::open) {
    return {.id = new_table(),
            .name = "Friday",
            .system = SystemId("cards-52"),
            .listing = listing,
            .owner = PlayerId(Uuid::random()),
            .created_at = created_at};
  }
};
TYPED_TEST_SUITE(DirectoryContract, Stores);

TYPED_TEST(DirectoryContract, FindsWhatWasAdded) {
  auto const table = this->record(kStoreNow, table::Listing::invited);
  ASSERT_TRUE(this->world.directory.add(table));
  auto const found = this->world.directory.find(table.id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->name, table.name);
  EXPECT_EQ((*found)->system, table.system);
  EXPECT_EQ((*found)->listing, table.listing);
  EXPECT_EQ((*found)->owner, table.owner);
  EXPECT_EQ((*found)->created_at, table.created_at);
  EXPECT_FALSE(*this->world.directory.find(new_table()));
}

TYPED_TEST(DirectoryContract, RenamesWhatIsThere) {
  auto const table = this->record(kStoreNow);
  ASSERT_TRUE(this->world.directory.add(table));
  ASSERT_TRUE(this->world.directory.rename(table.id, "Saturday"));
  EXPECT_EQ(this->world.directory.find(table.id).value()->name, "Saturday");
  auto const missing = this->world.directory.rename(new_table(), "Saturday");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
}

TYPED_TEST(DirectoryContract, MayAddTheSameTwiceAndKeepsItsNewName) {
  auto table = this->record(kStoreNow);
  ASSERT_TRUE(this->world.directory.add(table));
  ASSERT_TRUE(this->world.directory.rename(table.id, "Saturday"));
  EXPECT_TRUE(this->world.directory.add(table));
  EXPECT_EQ(this->world.directory.find(table.id).value()->name, "Saturday");
  table.owner = PlayerId(Uuid::random());
  auto const added = this->world.directory.add(table);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::conflict);
}

TYPED_TEST(DirectoryContract, PagesOpenTablesNewestFirst) {
  std::vector<lobby::TableRecord> open;
  for (int i = 0; i < 10; ++i) {
    // Pairs share a moment, so that pages also break between equals.
    open.push_back(this->record(kStoreNow + i / 2 * 1us));
    ASSERT_TRUE(this->world.directory.add(open.back()));
    ASSERT_TRUE(this->world.directory.add(this->record(kStoreNow + i * 1us, table::Listing::invited)));
  }
  std::ranges::sort(open, std::ranges::greater(), [](auto const &each) { return std::pair(each.created_at, each.id); });

  std::vector<TableId> listed;
  std::optional<TableId> after;
  while (true) {
    auto const page = this->world.directory.page(after, 3);
    ASSERT_TRUE(page);
    ASSERT_LE(page->value.size(), 3u);
    if (page->value.empty()) break;
    for (auto const &each : page->value) listed.push_back(each.id);
    after = listed.back();
  }

  std::vector<TableId> expected;
  for (auto const &each : open) expected.push_back(each.id);
  EXPECT_EQ(listed, expected);
  EXPECT_TRUE(this->world.directory.page(new_table(), 3)->value.empty()) << "behind an unknown table there is nothing";
}

TYPED_TEST(DirectoryContract, NumbersChangesAndTellsAPagesReaderWhichItHasSeen) {
  auto const empty = this->world.directory.page(std::nullopt, 3).value();
  auto const first = this->record(kStoreNow);
  auto const added = this->world.directory.add(first).value();
  auto const with_it = this->world.directory.page(std::nullopt, 3).value();
  auto const renamed = this->world.directory.rename(first.id, "Saturday").value();
  auto const with_its_name = this->world.directory.page(std::nullopt, 3).value();
  auto const behind_it = this->world.directory.page(first.id, 3).value();

  EXPECT_TRUE(empty.value.empty());
  EXPECT_LE(empty.version, added) << "it was read before";
  EXPECT_GT(with_it.version, added);
  EXPECT_LE(with_it.version, renamed);
  EXPECT_GT(renamed, added);
  EXPECT_GT(with_its_name.version, renamed);
  EXPECT_TRUE(behind_it.value.empty());
  EXPECT_GT(behind_it.version, renamed) << "what is empty has a version too";
}

TYPED_TEST(DirectoryContract, NumbersAnAddingThatIsRepeatedAsAChangeOfItsOwn) {
  auto const table = this->record(kStoreNow);
  auto const first = this->world.directory.add(table).value();
  auto const second = this->world.directory.add(table).value();
  EXPECT_GT(second, first);
  EXPECT_GT(this->world.directory.page(std::nullopt, 3)->version, second);
}

TYPED_TEST(DirectoryContract, TellsWhenEachTableWasLastChangedAndWhenItWasRead) {
  auto const table = this->record(kStoreNow);
  auto const before = this->world.directory.page(std::nullopt, 3).value();
  ASSERT_TRUE(this->world.directory.add(table));
  auto const added = this->world.directory.page(std::nullopt, 3).value();
  ASSERT_TRUE(this->world.directory.rename(table.id, "Saturday"));
  auto const renamed = this->world.directory.page(std::nullopt, 3).value();
  ASSERT_TRUE(this->world.directory.add(table));
  auto const repeated = this->world.directory.page(std::nullopt, 3).value();

  ASSERT_EQ(added.value.size(), 1u);
  EXPECT_LE(before.at, added.value[0].changed_at);
  EXPECT_LE(added.value[0].changed_at, added.at);
  EXPECT_LE(added.at, renamed.value[0].changed_at);
  EXPECT_LE(renamed.value[0].changed_at, renamed.at);
  EXPECT_EQ(repeated.value[0].changed_at, renamed.value[0].changed_at) << "adding it again has changed nothing";
}

TEST(PostgresTableDirectory, DoesNotClaimToHaveSeenWhatATransactionMayStillCommit) {
  PostgresStores stores;
  pqxx::connection other(stores.url);
  pqxx::work open(other);
  auto const xid = open.exec("select pg_current_xact_id()::text")[0][0].as<std::uint64_t>();
  lobby::TableRecord const table{.id = new_table(),
                                 .name = "Friday",
                                 .system = SystemId("cards-52"),
                                 .listing = table::Listing::open,
                                 .owner = PlayerId(Uuid::random()),
                                 .created_at = kStoreNow};
  auto const added = stores.directory.add(table).value();
  auto const meanwhile = stores.directory.page(std::nullopt, 3).value();
  open.commit();
  auto const afterwards = stores.directory.page(std::nullopt, 3).value();

  ASSERT_EQ(meanwhile.value.size(), 1u);
  EXPECT_GT(added, xid);
  EXPECT_LE(meanwhile.version, xid);
  EXPECT_GT(afterwards.version, added);
}

template <class World>
class InvitationContract : public testing::Test {
 protected:
  World world;
  TableId const table = new_table();

  lobby::Invitation issue(std::int64_t uses) {
    lobby::Invitation invitation{.code = Uuid::random().text(),
                                 .table = table,
                                 .role = table::Role::gm,
                                 .uses_left = uses,
                                 .expires_at = kStoreNow + 1h};
    EXPECT_TRUE(world.invitations.add(invitation));
    return invitation;
  }
  static PlayerId somebody() { return PlayerId(Uuid::random()); }
  void expect_unknown(std::string_view code, PlayerId player, Time now) {
    auto const redeemed = world.invitations.redeem(code, player, now);
    ASSERT_FALSE(redeemed);
    EXPECT_EQ(redeemed.error().code, Errc::not_found);
    EXPECT_EQ(redeemed.error().text, world.invitations.redeem("no such code", player, now).error().text);
  }
};
TYPED_TEST_SUITE(InvitationContract, Stores);

TYPED_TEST(InvitationContract, TellsWhatItIsGoodFor) {
  auto const issued = this->issue(3);
  auto const redeemed = this->world.invitations.redeem(issued.code, this->somebody(), kStoreNow);
  ASSERT_TRUE(redeemed);
  EXPECT_EQ(redeemed->code, issued.code);
  EXPECT_EQ(redeemed->table, this->table);
  EXPECT_EQ(redeemed->role, table::Role::gm);
  EXPECT_EQ(redeemed->uses_left, 2);
  EXPECT_EQ(redeemed->expires_at, issued.expires_at);
}

TYPED_TEST(InvitationContract, TakesNoSecondUseForTheSamePlayer) {
  auto const issued = this->issue(1);
  PlayerId const ann = this->somebody();
  ASSERT_TRUE(this->world.invitations.redeem(issued.code, ann, kStoreNow));
  auto const again = this->world.invitations.redeem(issued.code, ann, kStoreNow);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->uses_left, 0);
  this->expect_unknown(issued.code, this->somebody(), kStoreNow);
  EXPECT_TRUE(this->world.invitations.redeem(issued.code, ann, kStoreNow))
      << "a refusal must not forget who came before";
}

TYPED_TEST(InvitationContract, ExpiresForEverybody) {
  auto const issued = this->issue(5);
  PlayerId const ann = this->somebody();
  ASSERT_TRUE(this->world.invitations.redeem(issued.code, ann, issued.expires_at - 1us));
  this->expect_unknown(issued.code, this->somebody(), issued.expires_at);
  this->expect_unknown(issued.code, ann, issued.expires_at);
}

TYPED_TEST(InvitationContract, HasTheSameWordsForWhatNeverWas) {
  this->expect_unknown("", this->somebody(), kStoreNow);
  this->expect_unknown("'; drop table invitation; --", this->somebody(), kStoreNow);
}

TYPED_TEST(InvitationContract, IsNeverUsedTooOftenByManyAtOnce) {
  constexpr int kUses = 10;
  constexpr int kThreads = 8;
  constexpr int kPlayersEach = 5;
  auto const issued = this->issue(kUses);
  std::atomic<int> admitted{0};
  std::atomic<int> turned_away{0};
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int n = 0; n < kPlayersEach; ++n) {
        PlayerId const player = this->somebody();
        bool const in = this->world.invitations.redeem(issued.code, player, kStoreNow).has_value();
        ++(in ? admitted : turned_away);
        // Whoever was let in is let in again, and nobody is let in by insisting.
        EXPECT_EQ(this->world.invitations.redeem(issued.code, player, kStoreNow).has_value(), in);
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(admitted, kUses);
  EXPECT_EQ(turned_away, kThreads * kPlayersEach - kUses);
}

TYPED_TEST(InvitationContract, TakesOneUseForOnePlayerAtManyDoors) {
  constexpr int kThreads = 8;
  auto const issued = this->issue(5);
  PlayerId const ann = this->somebody();
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  std::atomic<int> admitted{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      if (this->world.invitations.redeem(issued.code, ann, kStoreNow)) ++admitted;
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(admitted, kThreads);
  EXPECT_EQ(this->world.invitations.redeem(issued.code, ann, kStoreNow)->uses_left, 4);
}

}  // namespace
}  // namespace tableforge::test
