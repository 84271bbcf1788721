#include "tableforge/protocol/encode.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tableforge::protocol {
namespace {

namespace view = table::view;
using Json = nlohmann::json;

PlayerId const kReader(*Uuid::parse("6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d"));
constexpr auto kReaderText = "6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d";

template <class Append>
Json encoded(Append &&append) {
  std::string text;
  append(text);
  return Json::parse(text);
}

view::Event event_of(std::string_view ev, view::Shape shape) {
  view::Event event;
  event.ev = ev;
  event.seq = 7;
  event.at = *parse_rfc3339("2026-11-23T18:30:00.000001Z");
  event.by = kReader;
  event.action = "c-1";
  event.client = "f3a9";
  event.shape = std::move(shape);
  return event;
}

view::State small_state() {
  view::State state;
  state.table.name = "Home";
  state.table.system.id = "blank";
  return state;
}

TEST(EncodeEvent, WritesItsMarksAndData) {
  auto const event = event_of("chat.said", view::ChatSaid{.text = "a \"quote\""});

  EXPECT_EQ(encoded([&](auto &out) { append_event(out, event); }), (Json{{"ev", "chat.said"},
                                                                         {"seq", 7},
                                                                         {"at", "2026-11-23T18:30:00.000001Z"},
                                                                         {"by", kReaderText},
                                                                         {"id", "c-1"},
                                                                         {"client", "f3a9"},
                                                                         {"data", {{"text", "a \"quote\""}}}}));
}

TEST(EncodeEvent, OfTheServersOwnHasNullAndNoId) {
  auto event = event_of("chat.said", view::ChatSaid{.text = "x"});
  event.by.reset();
  event.client = {};
  event.action = {};

  auto const json = encoded([&](auto &out) { append_event(out, event); });

  EXPECT_EQ(json.at("by"), nullptr);
  EXPECT_FALSE(json.contains("id"));
  EXPECT_FALSE(json.contains("client"));
}

TEST(EncodeEvent, OfASkipHasNothingButItsSeq) {
  std::string text;
  append_event(text, event_of("skip", view::Skip{}));

  EXPECT_EQ(text, R"({"ev":"skip","seq":7})");
}

TEST(EncodeEvent, AppendsToWhatIsThere) {
  std::string text = "[";
  append_event(text, event_of("skip", view::Skip{}));
  text += ',';
  append_event(text, event_of("skip", view::Skip{}));
  text += ']';

  EXPECT_EQ(Json::parse(text).size(), 2U);
}

TEST(EncodeEvent, LeavesOutWhatIsAbsentAndWritesNullWhereMeant) {
  view::Move move;
  move.from = "deck";
  move.to = "board";
  move.count = 2;
  view::PieceMoved moved;
  moved.moves = std::vector{move};
  EXPECT_EQ(encoded([&](auto &out) { append_event(out, event_of("piece.moved", moved)); }).at("data"),
            (Json{{"moves", Json::array({{{"from", "deck"}, {"to", "board"}, {"count", 2}}})}}));

  view::SeatChanged seat;
  seat.seat = "s1";
  EXPECT_EQ(encoded([&](auto &out) { append_event(out, event_of("seat.assigned", seat)); }).at("data"),
            (Json{{"seat", "s1"}, {"player", nullptr}}));
}

TEST(EncodeEvent, WritesIdsAsSixteenDigits) {
  view::PieceRemoved removed;
  removed.pieces.push_back({.piece = PieceId(0xff), .zone = "board"});

  EXPECT_EQ(
      encoded([&](auto &out) { append_event(out, event_of("piece.removed", removed)); }).at("data"),
      (Json{{"pieces", Json::array({{{"piece", "00000000000000ff"}, {"zone", "board"}}})}, {"counts", Json::array()}}));
}

TEST(EncodeEvent, EscapesWhatMustBe) {
  std::string everything;
  for (int c = 1; c < 0x80; ++c) everything += static_cast<char>(c);
  everything += "é♠\U0001F0A1";

  auto const json =
      encoded([&](auto &out) { append_event(out, event_of("chat.said", view::ChatSaid{.text = everything})); });

  EXPECT_EQ(json.at("data").at("text"), everything);
}

TEST(EncodeWelcome, WithAStateIsASnapshot) {
  auto const state = small_state();
  You const you{.player = kReader, .seats = {"s1", "s2"}, .role = table::Role::gm};

  auto const json = encoded([&](auto &out) { append_welcome(out, TableId(kReader.value), you, 131, &state); });

  EXPECT_EQ(json.at("ev"), "welcome");
  EXPECT_EQ(json.at("table"), kReaderText);
  EXPECT_EQ(json.at("you"), (Json{{"player", kReaderText}, {"seats", Json::array({"s1", "s2"})}, {"role", "gm"}}));
  EXPECT_EQ(json.at("mode"), "snapshot");
  EXPECT_EQ(json.at("seq"), 131);
  EXPECT_EQ(json.at("state").at("table").at("name"), "Home");
}

TEST(EncodeWelcome, WithoutAStateIsAReplay) {
  auto const json = encoded([](auto &out) { append_welcome(out, TableId(), You{}, 131, nullptr); });

  EXPECT_EQ(json.at("mode"), "replay");
  EXPECT_FALSE(json.contains("state"));
  EXPECT_EQ(json.at("you").at("seats"), Json::array());
}

TEST(EncodeState, StandsBesideItsSeq) {
  auto const state = small_state();

  auto const resync = encoded([&](auto &out) { append_resync(out, 5, state); });
  auto const answer = encoded([&](auto &out) { append_state(out, 5, state); });

  EXPECT_EQ(resync.at("ev"), "resync");
  EXPECT_EQ(resync.at("seq"), 5);
  EXPECT_FALSE(answer.contains("ev"));
  EXPECT_EQ(answer.at("seq"), 5);
  EXPECT_EQ(answer.at("state"), resync.at("state"));
}

TEST(EncodeHistory, TellsWhereTheNextPageBegins) {
  std::array const events{event_of("skip", view::Skip{}), event_of("chat.said", view::ChatSaid{.text = "x"})};

  auto const page = encoded([&](auto &out) { append_history(out, events, 9); });
  EXPECT_EQ(page.at("events").size(), 2U);
  EXPECT_EQ(page.at("events")[0], (Json{{"ev", "skip"}, {"seq", 7}}));
  EXPECT_EQ(page.at("next"), 9);
  EXPECT_EQ(encoded([&](auto &out) { append_history(out, {}, std::nullopt); }),
            (Json{{"events", Json::array()}, {"next", nullptr}}));
}

TEST(EncodePresence, SaysWhoAndWhat) {
  Presence presence;
  presence.cursor = Point{120, -0.5};
  EXPECT_EQ(encoded([&](auto &out) { append_presence(out, kReader, presence); }),
            (Json{{"ev", "presence"}, {"by", kReaderText}, {"data", {{"cursor", {120, -0.5}}}}}));

  Presence drag;
  drag.drag = Drag{.piece = PieceId(1), .x = 2, .y = 3};
  drag.typing = false;
  EXPECT_EQ(encoded([&](auto &out) { append_presence(out, kReader, drag); }).at("data"),
            (Json{{"drag", {{"piece", "0000000000000001"}, {"x", 2}, {"y", 3}}}, {"typing", false}}));
  EXPECT_EQ(encoded([&](auto &out) { append_online(out, kReader, true); }).at("data"), (Json{{"online", true}}));
}

TEST(EncodeError, HasACodeAMessageAndWhetherToRetry) {
  EXPECT_EQ(encoded([](auto &out) { append_error(out, ActionId("c-18"), ErrorCode::forbidden, "no"); }),
            (Json{{"ev", "error"},
                  {"id", "c-18"},
                  {"error", {{"code", "forbidden"}, {"message", "no"}, {"retryable", false}}}}));
}

TEST(EncodeError, HasDetailsWhereTheyHelp) {
  auto const json = encoded([](auto &out) {
    append_error(out, ActionId(), ErrorCode::rate_limited, "slower",
                 {.path = "data.x", .limit = 64, .retry_after_ms = 250});
  });

  EXPECT_FALSE(json.contains("id"));
  EXPECT_EQ(json.at("error").at("retryable"), true);
  EXPECT_EQ(json.at("error").at("details"), (Json{{"path", "data.x"}, {"limit", 64}, {"retry_after_ms", 250}}));
}

TEST(EncodeGoodbye, SaysWhyAndWhenToComeBack) {
  EXPECT_EQ(encoded([](auto &out) { append_goodbye(out, CloseReason::restarting, 1'840); }),
            (Json{{"ev", "goodbye"}, {"reason", "restarting"}, {"retry_after_ms", 1840}}));
  EXPECT_EQ(encoded([](auto &out) { append_goodbye(out, CloseReason::removed, std::nullopt); }),
            (Json{{"ev", "goodbye"}, {"reason", "removed"}}));
}

TEST(ErrorCode, OfEachRejectionHasItsName) {
  for (std::size_t i = 0; i < Words<table::Reject>::words.size(); ++i) {
    auto const why = static_cast<table::Reject>(i);
    EXPECT_EQ(word(code_of(why)), word(why));
  }
}

TEST(ErrorCode, OfInfrastructureSaysWhetherToComeBack) {
  for (auto const errc : {Errc::timeout, Errc::unavailable, Errc::cancelled, Errc::overloaded}) {
    EXPECT_TRUE(retryable(code_of(errc))) << to_string(errc);
  }
  for (auto const errc : {Errc::not_found, Errc::conflict, Errc::unauthorized, Errc::forbidden, Errc::invalid}) {
    EXPECT_FALSE(retryable(code_of(errc))) << to_string(errc);
  }
}

TEST(ErrorCode, OnlyWhatPassesByItselfIsRetryable) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < Words<ErrorCode>::words.size(); ++i) {
    if (retryable(static_cast<ErrorCode>(i))) words.insert(word(static_cast<ErrorCode>(i)));
  }

  EXPECT_EQ(words, (std::set<std::string_view>{"rate_limited", "overloaded", "storage_unavailable"}));
}

TEST(CloseReason, HasTheNumbersPublished) {
  EXPECT_EQ(close_number(CloseReason::restarting), 4000);
  EXPECT_EQ(close_number(CloseReason::no_hello), 4001);
  EXPECT_EQ(close_number(CloseReason::too_slow), 4008);
  EXPECT_EQ(close_number(CloseReason::replaced), 4009);
  EXPECT_EQ(close_number(CloseReason::overloaded), 4013);
  EXPECT_EQ(close_number(CloseReason::unauthorized), 4500);
  EXPECT_EQ(close_number(CloseReason::violation), 4501);
  EXPECT_EQ(close_number(CloseReason::table_closed), 4503);
  EXPECT_EQ(close_number(CloseReason::removed), 4504);
}

}  // namespace
}  // namespace tableforge::protocol
