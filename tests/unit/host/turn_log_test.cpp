#include "tableforge/host/turn_log.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tableforge::host {
namespace {

constexpr TurnLog::MemberId kAnn = 1;
constexpr TurnLog::MemberId kBob = 2;
constexpr TurnLog::MemberId kCarol = 3;

PresenceKey key_of(std::uint8_t kinds) { return {.player = {}, .kinds = kinds, .piece = {}}; }

class TurnLogTest : public testing::Test {
 protected:
  /// The pieces of a member, each with the number of its frames behind it.
  std::vector<std::string> pieces(TurnLog::MemberId member, std::size_t from = 0, bool apart = false) {
    std::vector<std::string> found;
    log.each_piece(member, from, apart, [&](Frame const &frame, PresenceKey const *key) {
      found.push_back(std::string(frame.text()) + std::to_string(frame.count) + (key != nullptr ? "!" : ""));
    });
    return found;
  }

  TurnMemory memory;
  TurnLog log{memory, [](std::string &out, std::string_view message) { out += message; }};
};

using Pieces = std::vector<std::string>;

TEST_F(TurnLogTest, WhatIsForEverybodyIsOnePiece) {
  log.say("a");
  log.say("b");
  log.say("c");
  EXPECT_EQ(pieces(kAnn), Pieces{"abc3"});
}

TEST_F(TurnLogTest, WhoIsLeftOutGetsTheRestInOrder) {
  log.say("a");
  log.say("b", std::array{kAnn});
  log.say("c");
  EXPECT_EQ(pieces(kAnn), (Pieces{"a1", "c1"}));
  EXPECT_EQ(pieces(kBob), Pieces{"abc3"});
}

TEST_F(TurnLogTest, WhatIsForSomeIsHeardByNobodyElse) {
  log.say("a");
  log.tell("b", std::array{kAnn, kBob});
  log.say("c");
  EXPECT_EQ(pieces(kAnn), Pieces{"abc3"});
  EXPECT_EQ(pieces(kBob), Pieces{"abc3"});
  EXPECT_EQ(pieces(kCarol), (Pieces{"a1", "c1"}));
}

TEST_F(TurnLogTest, WhoListensFromAMarkOnHearsNothingFromBefore) {
  log.say("a");
  auto const mark = log.mark();
  log.say("b");
  log.say("c");
  EXPECT_EQ(pieces(kAnn, mark), Pieces{"bc2"});
  EXPECT_EQ(pieces(kBob), Pieces{"abc3"});
}

TEST_F(TurnLogTest, PresenceStandsApartOnlyWhereItIsAskedFor) {
  log.say("a");
  log.show("p", key_of(1), std::array{kBob});
  log.show("q", key_of(2), std::array{kAnn});
  log.say("b");
  EXPECT_EQ(pieces(kCarol), Pieces{"apqb4"});
  EXPECT_EQ(pieces(kCarol, 0, true), (Pieces{"a1", "p1!", "q1!", "b1"}));
  EXPECT_EQ(pieces(kAnn, 0, true), (Pieces{"a1", "p1!", "b1"}));
  EXPECT_EQ(pieces(kBob), (Pieces{"a1", "qb2"}));
}

TEST_F(TurnLogTest, AFrameThatIsKeptOutlivesItsTurnUnchanged) {
  log.say("first");
  Frame kept;
  log.each_piece(kAnn, 0, false, [&](Frame const &frame, PresenceKey const *) { kept = frame; });
  log.clear();
  EXPECT_TRUE(log.empty());
  log.say("other");
  EXPECT_EQ(kept.text(), "first");
}

TEST_F(TurnLogTest, MemoryIsUsedAgainWhenNobodyKeptIt) {
  log.say("first");
  std::string const *before = nullptr;
  log.each_piece(kAnn, 0, false, [&](Frame const &frame, PresenceKey const *) { before = frame.memory.get(); });
  log.clear();
  log.say("other");
  std::string const *after = nullptr;
  log.each_piece(kAnn, 0, false, [&](Frame const &frame, PresenceKey const *) { after = frame.memory.get(); });
  EXPECT_EQ(before, after);
  EXPECT_EQ(pieces(kAnn), Pieces{"other1"});
}

TEST_F(TurnLogTest, AClearedTurnLeavesNoNamesBehind) {
  log.say("a", std::array{kAnn});
  log.clear();
  log.say("b");
  EXPECT_EQ(pieces(kAnn), Pieces{"b1"});
}

}  // namespace
}  // namespace tableforge::host
