#include "tableforge/lobby/lobby.hpp"

#include <gtest/gtest.h>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/storage/journal_history.hpp"

#include "store_worlds.hpp"

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;
using lobby::Lobby;

Time const kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 18h};

template <class World>
class LobbyContract : public testing::Test {
 protected:
  World world;
  metrics::LobbyMetrics metrics;
  lobby::Tokens tokens{std::string(32, 's'), metrics};
  storage::JournalHistory history{world.journal};
  Lobby lobby{{world.players, world.directory, world.invitations, history}, tokens, metrics};
  TableId const table = new_table();

  template <class T>
  static void expect_invalid(Result<T> const &result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::invalid);
  }
  lobby::TableRecord record(std::string name) const {
    lobby::TableRecord out;
    out.id = table;
    out.name = std::move(name);
    out.system = SystemId("chess");
    return out;
  }
  /// Commits events 1 … last, in rows of three.
  void play(Seq last) {
    for (Seq first = 1; first <= last; first += 3) {
      std::vector<table::Event> events;
      for (Seq seq = first; seq < first + 3 && seq <= last; ++seq) {
        events.push_back({.seq = seq,
                          .at = kNow,
                          .by = PlayerId(Uuid()),
                          .client = ClientId("c"),
                          .action = ActionId(std::to_string(seq)),
                          .fingerprint = seq,
                          .change = table::SeatTaken{.seat = SeatId("s1"), .player = PlayerId(Uuid())}});
      }
      auto append = make_append(table, first, static_cast<std::uint32_t>(events.size()), codec::encode_events(events));
      ASSERT_EQ(append_and_wait(world.journal, std::move(append)), host::Appended::committed);
    }
  }
  std::vector<Seq> seqs(Seq from, std::size_t limit) {
    std::vector<Seq> out;
    auto const events = lobby.history(table, from, limit).value();
    for (table::Event const &event : events) out.push_back(event.seq);
    return out;
  }
};

using Stores = testing::Types<MemoryStores, PostgresStores>;
TYPED_TEST_SUITE(LobbyContract, Stores);

TYPED_TEST(LobbyContract, KnowsAPlayerByTheTokenItGave) {
  auto const created = this->lobby.create_player("Ann", kNow);
  ASSERT_TRUE(created);
  auto const identity = this->lobby.authenticate(created->token.text, kNow + 1h);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->player, created->player.id);
  EXPECT_EQ(identity->name, "Ann");
  EXPECT_EQ(this->world.players.find(created->player.id).value()->name, "Ann");
  EXPECT_EQ(this->metrics.players_created.value(), 1u);
}

TYPED_TEST(LobbyContract, TakesNoNameThatIsNone) {
  for (std::string const &name : {std::string(), std::string(65, 'x'), std::string("a\nb"), std::string("\xff")}) {
    this->expect_invalid(this->lobby.create_player(name, kNow));
    this->expect_invalid(this->lobby.rename_table(this->table, name));
    this->expect_invalid(this->lobby.register_table(this->record(name)));
  }
  EXPECT_EQ(this->metrics.players_created.value(), 0u);
}

TYPED_TEST(LobbyContract, ListsTheTablesItWasTold) {
  ASSERT_TRUE(this->lobby.register_table(this->record("Friday")));
  ASSERT_TRUE(this->lobby.rename_table(this->table, "Saturday"));
  auto const page = this->lobby.list_tables(std::nullopt, 10);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->value.size(), 1u);
  EXPECT_EQ(page->value.front().name, "Saturday");
  EXPECT_TRUE(this->lobby.list_tables(this->table, 10)->value.empty());
  this->expect_invalid(this->lobby.list_tables(std::nullopt, 0));
  this->expect_invalid(this->lobby.list_tables(std::nullopt, lobby::kChunkMax + 1));
  EXPECT_EQ(this->metrics.tables_created.value(), 1u);
}

TYPED_TEST(LobbyContract, InvitesWithinBounds) {
  using Wanted = Lobby::NewInvitation;
  this->expect_invalid(this->lobby.invite(Wanted{.table = this->table, .role = table::Role::owner}, kNow));
  this->expect_invalid(this->lobby.invite(Wanted{.table = this->table, .uses = 0}, kNow));
  this->expect_invalid(this->lobby.invite(Wanted{.table = this->table, .uses = 1'001}, kNow));
  this->expect_invalid(this->lobby.invite(Wanted{.table = this->table, .expires_in = 0s}, kNow));
  this->expect_invalid(this->lobby.invite(Wanted{.table = this->table, .expires_in = std::chrono::days(366)}, kNow));
  EXPECT_EQ(this->metrics.invitations_created.value(), 0u);
  EXPECT_TRUE(this->lobby.invite(
      Wanted{.table = this->table, .role = table::Role::gm, .uses = 1'000, .expires_in = std::chrono::days(365)},
      kNow));
  EXPECT_EQ(this->metrics.invitations_created.value(), 1u);
}

TYPED_TEST(LobbyContract, RedeemsWhatItIssued) {
  auto const invitation = this->lobby.invite({.table = this->table, .role = table::Role::spectator}, kNow);
  ASSERT_TRUE(invitation);
  std::string shouted = invitation->code;
  for (char &c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));

  auto const redeemed = this->lobby.redeem(shouted, PlayerId(Uuid::random()), kNow + 1h);

  ASSERT_TRUE(redeemed);
  EXPECT_EQ(redeemed->table, this->table);
  EXPECT_EQ(redeemed->role, table::Role::spectator);
  EXPECT_EQ(this->lobby.redeem(shouted, PlayerId(Uuid::random()), kNow).error().code, Errc::not_found);
  EXPECT_EQ(this->lobby.redeem("nonsense", PlayerId(Uuid::random()), kNow).error().code, Errc::not_found);
  EXPECT_EQ(this->metrics.invitations_accepted.value(), 1u);
}

TYPED_TEST(LobbyContract, ReadsBackExactlyTheEventsAskedFor) {
  this->play(10);
  EXPECT_EQ(this->seqs(1, 200), (std::vector<Seq>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(this->seqs(0, 2), (std::vector<Seq>{1, 2}));
  EXPECT_EQ(this->seqs(3, 3), (std::vector<Seq>{3, 4, 5}));
  EXPECT_EQ(this->seqs(10, 5), (std::vector<Seq>{10}));
  EXPECT_EQ(this->seqs(11, 5), (std::vector<Seq>{}));
  EXPECT_EQ(this->seqs(~Seq{0}, 200), (std::vector<Seq>{}));
  this->expect_invalid(this->lobby.history(this->table, 1, 0));
  this->expect_invalid(this->lobby.history(this->table, 1, lobby::kHistoryMax + 1));
}

TYPED_TEST(LobbyContract, TellsOfEventsThatCannotBeRead) {
  ASSERT_EQ(append_and_wait(this->world.journal, make_append(this->table, 1, 1, R"([{"what":"is this"}])")),
            host::Appended::committed);
  auto const events = this->lobby.history(this->table, 1, 10);
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().code, Errc::corrupt);
}

}  // namespace
}  // namespace tableforge::test
