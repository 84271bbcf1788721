#include "tableforge/table/system.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

State founded(std::string const &system, std::optional<std::int64_t> seats = {}, std::uint64_t seed = 1) {
  return Game(shipped_system(system), seats, seed).state();
}

std::optional<Reject> refusal(std::string const &system, std::int64_t seats) {
  SeededChance chance(1);
  auto const event = found_table(shipped_system(system), founding_of(seats), kStart, chance);
  return event ? std::nullopt : std::optional(event.error().why);
}

TEST(FoundTable, MakesTheFirstEvent) {
  SeededChance chance(1);

  auto const event = found_table(shipped_system("blank"), founding_of(), kStart, chance);

  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->seq, 1U);
  EXPECT_EQ(event->at, kStart);
  EXPECT_EQ(event->by, kOwner);
  EXPECT_TRUE(event->client.value.empty());
}

TEST(FoundTable, TheFounderIsItsOwner) {
  auto const state = founded("blank");

  EXPECT_EQ(state.players, (std::vector{Player{.id = kOwner, .name = "Olga", .role = Role::owner}}));
  EXPECT_EQ(state.name, "Test table");
  EXPECT_EQ(state.created_at, kStart);
  EXPECT_EQ(state.system, (SystemRef{.id = SystemId("blank"), .version = 1}));
}

TEST(FoundTable, GivesTheSeatsAskedForWithinTheSystemsRange) {
  EXPECT_EQ(founded("cards-52").seats.size(), 6U);
  EXPECT_EQ(founded("cards-52", 2).seats.size(), 2U);
  EXPECT_EQ(founded("cards-52", 12).seats.size(), 12U);
  EXPECT_EQ(refusal("cards-52", 1), Reject::bad_request);
  EXPECT_EQ(refusal("cards-52", 13), Reject::bad_request);
  EXPECT_EQ(refusal("chess", 2), std::nullopt);
  EXPECT_EQ(refusal("chess", 3), Reject::bad_request);
}

TEST(FoundTable, RepeatsZonesAndCountersForEachSeat) {
  auto const state = founded("cards-52", 3);

  std::set<std::string> zones;
  for (auto const &zone : state.zones) zones.insert(zone.id.value);
  EXPECT_EQ(zones, (std::set<std::string>{"deck", "hand:s1", "hand:s2", "hand:s3", "board", "muck"}));
  EXPECT_EQ(state.find_zone(ZoneId("hand:s2"))->seat, SeatId("s2"));
  EXPECT_EQ(state.find_zone(ZoneId("deck"))->seat, std::nullopt);
  EXPECT_EQ(state.counters.size(), 4U);
  EXPECT_EQ(state.find_counter(CounterId("chips:s3"))->seat, SeatId("s3"));
}

TEST(FoundTable, CardsAreTheFullDeckShuffled) {
  auto const state = founded("cards-52");
  std::set<std::string> faces;
  std::vector<std::string> order;
  for (auto const id : state.find_zone(ZoneId("deck"))->order) {
    auto const &piece = state.pieces.at(id);
    EXPECT_EQ(piece.side, Side::back);
    EXPECT_EQ(piece.back, "blue");
    order.push_back(piece.face);
    faces.insert(piece.face);
  }

  std::set<std::string> expected;
  for (char const rank : std::string_view("23456789TJQKA")) {
    for (char const suit : std::string_view("cdhs")) expected.insert(std::string{rank, suit});
  }
  EXPECT_EQ(faces, expected);
  EXPECT_EQ(state.pieces.size(), 52U);
  EXPECT_FALSE(std::ranges::equal(order, shipped_system("cards-52").pieces[0].faces));
}

TEST(FoundTable, IdsSayNothingAboutTheLayout) {
  Game one(shipped_system("cards-52"), {}, 1);
  Game other(shipped_system("cards-52"), {}, 2);
  std::map<std::string, PieceId> ids;
  for (auto const &[id, piece] : one.state().pieces) ids[piece.face] = id;

  for (auto const &[id, piece] : other.state().pieces) EXPECT_NE(ids.at(piece.face), id);
}

/// The board as the first field of a FEN says it.
std::string fen(State const &state) {
  std::map<std::pair<int, int>, char> squares;
  for (auto const id : state.find_zone(ZoneId("board"))->order) {
    auto const &piece = state.pieces.at(id);
    EXPECT_EQ(piece.face.size(), 1U);
    EXPECT_TRUE(squares.emplace(std::pair(static_cast<int>(piece.y), static_cast<int>(piece.x)), piece.face[0]).second);
  }
  std::string text;
  for (int rank = 7; rank >= 0; --rank) {
    int empty = 0;
    for (int file = 0; file < 8; ++file) {
      auto const found = squares.find({rank, file});
      if (found == squares.end()) {
        ++empty;
        continue;
      }
      if (empty > 0) text += static_cast<char>('0' + empty);
      empty = 0;
      text += found->second;
    }
    if (empty > 0) text += static_cast<char>('0' + empty);
    if (rank > 0) text += '/';
  }
  return text;
}

TEST(FoundTable, ChessStartsWhereChessStarts) {
  EXPECT_EQ(fen(founded("chess")), "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR");
}

}  // namespace
}  // namespace tableforge::table::test
