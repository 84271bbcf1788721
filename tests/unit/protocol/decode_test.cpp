#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/protocol/client_message.hpp"

#include "unit/protocol/every_operation.hpp"

namespace tableforge::protocol {
namespace {

using test::kSamples;
using test::request;
using Json = nlohmann::json;

ClientMessage accepted(std::string const &text) {
  auto message = decode(text);
  if (!message) throw std::runtime_error(message.error().message + " at " + message.error().path + ": " + text);
  return std::move(*message);
}

template <class Operation>
Operation operation(std::string_view op, std::string_view data) {
  return std::get<Operation>(std::get<Request>(accepted(request(op, data))).operation);
}

TEST(Samples, AreOfEveryOperation) {
  std::set<std::string_view> ops;
  for (auto const &sample : kSamples) ops.insert(sample.op);

  EXPECT_EQ(ops.size(), table::kClientOperations);
  for (std::size_t i = 0; i < table::kClientOperations; ++i) EXPECT_TRUE(ops.contains(table::op_word(i)));
}

TEST(Decode, TakesEveryOperationInItsShortestAndLongestForm) {
  for (auto const &sample : kSamples) {
    for (auto const data : {sample.minimal, sample.full}) {
      auto const message = std::get<Request>(accepted(request(sample.op, data)));
      EXPECT_EQ(table::op_word(message.operation.index()), sample.op);
      EXPECT_EQ(message.id, ActionId("c-1"));
      EXPECT_FALSE(message.precondition.has_value());
    }
  }
}

TEST(Decode, FillsEveryFieldOfAMove) {
  auto const move = operation<table::PieceMove>(
      "piece.move",
      R"({"moves":[{"piece":"00000000000000ff","to":{"zone":"b","index":3,"x":-1.25,"y":7},"side":"back","rotation":90}]})");

  ASSERT_EQ(move.moves.size(), 1U);
  EXPECT_EQ(move.moves[0].piece, PieceId(255));
  EXPECT_EQ(move.moves[0].to.zone, ZoneId("b"));
  EXPECT_EQ(move.moves[0].to.index, 3);
  EXPECT_EQ(move.moves[0].to.x, -1.25);
  EXPECT_EQ(move.moves[0].to.y, 7);
  EXPECT_EQ(move.moves[0].side, table::Side::back);
  EXPECT_EQ(move.moves[0].rotation, 90);
}

TEST(Decode, LeavesOutWhatIsLeftOut) {
  auto const draw = operation<table::ZoneDraw>("zone.draw", R"({"from":"deck","count":2})");

  EXPECT_EQ(draw.to, std::nullopt);
  EXPECT_EQ(draw.side, std::nullopt);
  EXPECT_EQ(draw.count, 2);
}

TEST(Decode, TellsNullFromAPlayer) {
  auto const player = Uuid::parse("6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d");

  EXPECT_EQ(operation<table::SeatAssign>("seat.assign", kSamples[2].minimal).player.value, std::nullopt);
  EXPECT_EQ(operation<table::SeatAssign>("seat.assign", kSamples[2].full).player.value, PlayerId(*player));
}

TEST(Decode, TellsAllFromANamedFew) {
  EXPECT_TRUE(operation<table::ZoneReveal>("zone.reveal", R"({"zone":"z","to":"all"})").to.all);
  auto const few =
      operation<table::ZoneReveal>("zone.reveal", R"({"zone":"z","to":["6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d"]})");
  EXPECT_FALSE(few.to.all);
  EXPECT_EQ(few.to.players.size(), 1U);
}

TEST(Decode, DataMayBeLeftOutWhereItIsEmpty) {
  EXPECT_TRUE(std::holds_alternative<table::TurnNext>(
      std::get<Request>(accepted(R"({"op":"turn.next","id":"c-1"})")).operation));
}

TEST(Decode, TakesPreconditions) {
  auto const zone = std::get<Request>(accepted(R"({"op":"turn.next","id":"c","if":{"zone":"deck","version":7}})"));
  EXPECT_EQ(zone.precondition->zone, ZoneId("deck"));
  EXPECT_EQ(zone.precondition->version, 7);
  EXPECT_EQ(zone.precondition->seq, std::nullopt);

  auto const head = std::get<Request>(accepted(R"({"op":"turn.next","id":"c","if":{"seq":131}})"));
  EXPECT_EQ(head.precondition->seq, 131);
}

TEST(Decode, CountsCharactersNotBytes) {
  std::string hearts;
  for (int i = 0; i < 2'000; ++i) hearts += "♥";

  EXPECT_EQ(operation<table::ChatSay>("chat.say", R"({"text":")" + hearts + R"("})").text, hearts);
  EXPECT_FALSE(decode(request("chat.say", R"({"text":")" + hearts + R"(♥"})")).has_value());
}

TEST(Decode, TakesEscapesAndPairs) {
  EXPECT_EQ(operation<table::ChatSay>("chat.say", R"({"text":"\ud83c\udca1 \u00e9\n\"\\\/"})").text,
            "\U0001F0A1 é\n\"\\/");
}

TEST(Decode, HasNoNegativeZero) {
  auto const move = operation<table::PieceMove>(
      "piece.move", R"({"moves":[{"piece":"00000000000000ff","to":{"zone":"b","x":-0.0,"y":-0}}]})");

  EXPECT_FALSE(std::signbit(*move.moves[0].to.x));
  EXPECT_FALSE(std::signbit(*move.moves[0].to.y));
}

TEST(Hello, IsTakenWithAndWithoutResume) {
  auto const fresh = std::get<Hello>(accepted(R"({"op":"hello","token":"t","client":"f3a9"})"));
  EXPECT_EQ(fresh.token, "t");
  EXPECT_EQ(fresh.client, ClientId("f3a9"));
  EXPECT_EQ(fresh.resume, std::nullopt);

  auto const again = std::get<Hello>(accepted(R"({"op":"hello","token":"t","client":"f3a9","resume":{"seq":0}})"));
  EXPECT_EQ(again.resume, 0U);
}

TEST(Presence, IsTakenInEveryForm) {
  auto const cursor = std::get<Presence>(accepted(R"({"op":"presence","data":{"cursor":[120,-0.5]}})"));
  EXPECT_EQ(cursor.cursor, (Point{120, -0.5}));

  auto const drag = std::get<Presence>(
      accepted(R"({"op":"presence","data":{"drag":{"piece":"00000000000000ff","x":1,"y":2},"typing":true}})"));
  EXPECT_EQ(drag.drag->piece, PieceId(255));
  EXPECT_EQ(drag.drag->x, 1);
  EXPECT_EQ(drag.typing, true);
  EXPECT_EQ(drag.cursor, std::nullopt);
}

}  // namespace
}  // namespace tableforge::protocol
