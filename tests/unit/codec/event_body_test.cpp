#include "tableforge/codec/event_body.hpp"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/codec/every_change.hpp"
#include "unit/codec/mutations.hpp"

namespace tableforge::codec {
namespace {

using table::Event;
using table::State;
using Json = nlohmann::json;

State replay(std::vector<Event> const &events) {
  State state;
  for (auto const &event : events) apply(state, event);
  return state;
}

class EveryChange : public testing::Test {
 protected:
  table::test::Game const game = test::game_of_every_change();
  std::string const body = encode_events(game.events());
};

TEST_F(EveryChange, IsInTheGame) {
  std::set<std::size_t> kinds;
  for (auto const &event : game.events()) kinds.insert(event.change.index());

  EXPECT_EQ(kinds.size(), std::variant_size_v<table::Change>);
}

TEST_F(EveryChange, ReadsBackAsItWas) {
  auto const events = decode_events(body, 1);

  ASSERT_TRUE(events.has_value());
  EXPECT_EQ(encode_events(*events), body);
  EXPECT_EQ(replay(*events), game.state());
}

TEST_F(EveryChange, ReadsBackWithItsMarks) {
  auto const events = decode_events(body, 1);

  ASSERT_TRUE(events.has_value());
  ASSERT_EQ(events->size(), game.events().size());
  for (std::size_t i = 0; i < events->size(); ++i) {
    auto const &read = (*events)[i];
    auto const &written = game.events()[i];
    EXPECT_EQ(read.seq, written.seq);
    EXPECT_EQ(read.at, written.at);
    EXPECT_EQ(read.by, written.by);
    EXPECT_EQ(read.client, written.client);
    EXPECT_EQ(read.action, written.action);
    EXPECT_EQ(read.fingerprint, written.fingerprint);
    EXPECT_EQ(read.change.index(), written.change.index());
  }
}

// PostgreSQL stores jsonb: it sorts the keys, drops spaces and writes numbers its own way.
TEST_F(EveryChange, ReadsBackAfterTheDatabaseRewroteIt) {
  auto const rewritten = Json::parse(body).dump(1);
  ASSERT_NE(rewritten, body);

  auto const events = decode_events(rewritten, 1);

  ASSERT_TRUE(events.has_value());
  EXPECT_EQ(encode_events(*events), body);
}

TEST_F(EveryChange, IsRefusedWhenCutShort) {
  for (std::size_t length = 0; length < body.size(); length += 1 + length / 64) {
    auto const events = decode_events(std::string_view(body).substr(0, length), 1);
    ASSERT_FALSE(events.has_value()) << length;
    EXPECT_EQ(events.error().code, Errc::corrupt);
  }
}

TEST_F(EveryChange, NeverThrowsWhateverIsWrong) {
  std::size_t refused = 0;
  std::size_t tried = 0;
  std::set<std::size_t> kinds;
  for (auto const &event : game.events()) {
    if (!kinds.insert(event.change.index()).second) continue;
    for (auto const &broken : test::with_one_value_wrong(encode_events({&event, 1}))) {
      auto const events = decode_events(broken, event.seq);
      ++tried;
      if (events.has_value()) continue;
      ++refused;
      EXPECT_EQ(events.error().code, Errc::corrupt);
    }
  }
  EXPECT_GT(refused * 3, tried * 2) << refused << " of " << tried;
}

TEST(EventBody, CountsFromTheRowsFirstSeq) {
  auto const game = test::game_of_every_change();
  auto const body = encode_events(std::span(game.events()).subspan(3, 2));

  auto const events = decode_events(body, 4);

  ASSERT_TRUE(events.has_value());
  EXPECT_EQ((*events)[0].seq, 4U);
  EXPECT_EQ((*events)[1].seq, 5U);
}

TEST(EventBody, OfNothingIsAnEmptyList) {
  EXPECT_EQ(encode_events({}), "[]");
  EXPECT_TRUE(decode_events("[]", 1)->empty());
}

TEST(EventBody, HoldsExtremeValues) {
  Event event;
  event.seq = 1;
  event.at = Time(std::chrono::microseconds(1));
  event.by = PlayerId{};
  event.client = ClientId("c");
  event.action = ActionId("a");
  event.fingerprint = std::numeric_limits<std::uint64_t>::max();
  table::Move move;
  move.piece = PieceId(std::numeric_limits<std::uint64_t>::max());
  move.x = 0.1;
  move.y = -1e-300;
  move.rotation = 1e9;
  event.change = table::PieceMoved{.moves = {move}, .backs = {}};

  auto const events = decode_events(Json::parse(encode_events({&event, 1})).dump(), 1);

  ASSERT_TRUE(events.has_value());
  EXPECT_EQ(events->front().fingerprint, event.fingerprint);
  auto const &read = std::get<table::PieceMoved>(events->front().change).moves.front();
  EXPECT_EQ(read.piece, move.piece);
  EXPECT_EQ(read.x, move.x);
  EXPECT_EQ(read.y, move.y);
  EXPECT_EQ(read.rotation, move.rotation);
  EXPECT_FALSE(read.index.has_value());
}

Event a_move(table::Move move) {
  Event event;
  event.seq = 1;
  event.change = table::PieceMoved{.moves = {std::move(move)}, .backs = {}};
  return event;
}

TEST(EventBody, LeavesOutWhatIsUsualOfAMove) {
  table::Move move;
  move.piece = PieceId(1);
  move.from = move.to = ZoneId("board");
  move.before.all = move.after.all = true;
  move.x = 2;
  move.y = 3;
  auto const event = a_move(move);
  auto const body = encode_events({&event, 1});

  auto const moves = Json::parse(body)[0]["data"]["moves"];
  EXPECT_EQ(moves, Json::parse(R"([{"piece":"0000000000000001","to":"board","x":2,"y":3}])"));
  auto const events = decode_events(body, 1);
  ASSERT_TRUE(events.has_value());
  auto const &read = std::get<table::PieceMoved>(events->front().change).moves.front();
  EXPECT_EQ(read.from, move.from);
  EXPECT_EQ(read.before, move.before);
  EXPECT_EQ(read.after, move.after);
}

TEST(EventBody, WritesWhatIsUnusualOfAMove) {
  table::Move move;
  move.from = ZoneId("deck");
  move.to = ZoneId("hand");
  move.after.player = PlayerId{Uuid{{1}}};
  move.side = table::Side::back;
  move.rotation = 90;
  move.private_after = true;
  auto const event = a_move(move);

  auto const events = decode_events(encode_events({&event, 1}), 1);

  ASSERT_TRUE(events.has_value());
  auto const &read = std::get<table::PieceMoved>(events->front().change).moves.front();
  EXPECT_EQ(read.from, move.from);
  EXPECT_EQ(read.to, move.to);
  EXPECT_EQ(read.before, move.before);
  EXPECT_EQ(read.after, move.after);
  EXPECT_EQ(read.side, move.side);
  EXPECT_EQ(read.rotation, move.rotation);
  EXPECT_TRUE(read.private_after);
}

// Tables are older than their servers: rows that were written whole stay readable.
TEST(EventBody, ReadsAMoveThatLeavesNothingOut) {
  auto const events = decode_events(
      R"([{"ev":"piece.moved","at":"2026-11-23T18:30:00.000000Z","data":{"moves":[{"piece":"0000000000000001",)"
      R"("from":"deck","to":"board","rotation":0,"side":"front","before":null,"after":"all","private_after":false}]}}])",
      1);

  ASSERT_TRUE(events.has_value());
  auto const &read = std::get<table::PieceMoved>(events->front().change).moves.front();
  EXPECT_EQ(read.from, ZoneId("deck"));
  EXPECT_TRUE(read.before.nobody());
  EXPECT_TRUE(read.after.all);
}

class CorruptBody : public testing::TestWithParam<char const *> {};

TEST_P(CorruptBody, IsCorrupt) {
  auto const events = decode_events(GetParam(), 1);

  ASSERT_FALSE(events.has_value());
  EXPECT_EQ(events.error().code, Errc::corrupt);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, CorruptBody,
    testing::Values(
        "", "null", "{}", "[", "[1]", "[null]", "[[]]", "[\"x\"]", "[{}]", R"([{"ev":"chat.said"}])",
        R"([{"ev":"chat.said","at":"yesterday","data":{"text":"x"}}])",
        R"([{"ev":"chat.said","at":"2026-11-23T18:30:00.000000Z"}])",
        R"([{"ev":"chat.said","at":"2026-11-23T18:30:00.000000Z","data":{}}])",
        R"([{"ev":"chat.said","at":"2026-11-23T18:30:00.000000Z","data":{"text":7}}])",
        R"([{"ev":"chat.sung","at":"2026-11-23T18:30:00.000000Z","data":{"text":"x"}}])",
        R"([{"ev":"piece.moved","at":"2026-11-23T18:30:00.000000Z","data":{"moves":[{"piece":"0000000000000001"}]}}])",
        R"([{"ev":"piece.moved","at":"2026-11-23T18:30:00.000000Z","data":{"moves":[{"to":"board"}]}}])",
        R"([{"ev":7,"at":"2026-11-23T18:30:00.000000Z","data":{"text":"x"}}])",
        R"([{"ev":"chat.said","at":"2026-11-23T18:30:00.000000Z","by":"nobody","data":{"text":"x"}}])",
        R"([{"ev":"chat.said","at":"2026-11-23T18:30:00.000000Z","client":"c","data":{"text":"x"}}])",
        "[{\"ev\":\"chat.said\",\"at\":\"2026-11-23T18:30:00.000000Z\",\"data\":{\"text\":\"\xff\"}}]"));

}  // namespace
}  // namespace tableforge::codec
