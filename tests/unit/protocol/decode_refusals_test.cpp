#include <ostream>
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

/// Code and path of the refusal, as one text; "accepted" if there is none.
std::string refusal(std::string const &text) {
  auto const message = decode(text);
  if (message) return "accepted";
  EXPECT_FALSE(message.error().message.empty());
  return std::string(word(message.error().code)) + " " + message.error().path;
}

/// The path of a JSON pointer as errors write it: /moves/0/to becomes data.moves[0].to.
std::string error_path(Json::json_pointer pointer) {
  std::string path;
  while (!pointer.empty()) {
    auto const &part = pointer.back();
    bool const index = part.find_first_not_of("0123456789") == std::string::npos;
    path = (index ? "[" + part + "]" : "." + part) + path;
    pointer.pop_back();
  }
  return "data" + path;
}

/// Every object inside a document, the document among them.
std::vector<Json::json_pointer> objects_in(Json const &document) {
  std::vector<Json::json_pointer> found;
  auto const walk = [&](auto const &self, Json const &json, Json::json_pointer const &at) -> void {
    if (json.is_object()) found.push_back(at);
    if (json.is_object()) {
      for (auto const &[name, value] : json.items()) self(self, value, at / name);
    } else if (json.is_array()) {
      for (std::size_t i = 0; i < json.size(); ++i) self(self, json[i], at / i);
    }
  };
  walk(walk, document, Json::json_pointer());
  return found;
}

TEST(Refusal, OfAnUnknownFieldNamesIt) {
  for (auto const &sample : kSamples) {
    auto const data = Json::parse(sample.full);
    for (auto const &at : objects_in(data)) {
      auto wrong = data;
      wrong[at]["surprise"] = 1;
      EXPECT_EQ(refusal(request(sample.op, wrong.dump())), "bad_request " + error_path(at / "surprise")) << sample.op;
    }
  }
}

TEST(Refusal, OfAMissingFieldNamesIt) {
  for (auto const &sample : kSamples) {
    auto const data = Json::parse(sample.minimal);
    for (auto const &at : objects_in(data)) {
      for (auto const &[name, unused] : data[at].items()) {
        auto wrong = data;
        wrong[at].erase(name);
        EXPECT_EQ(refusal(request(sample.op, wrong.dump())), "bad_request " + error_path(at / name)) << sample.op;
      }
    }
  }
}

TEST(Refusal, OfAWrongTypeNamesTheField) {
  for (auto const &sample : kSamples) {
    auto const data = Json::parse(sample.full);
    auto const flat = data.flatten();
    for (auto const &[path, value] : flat.items()) {
      if (value.is_null()) continue;  // An empty list, which flattens to null.
      Json::json_pointer const at(path);
      for (auto const &wrong :
           {Json(nullptr), Json(Json::object()), Json(Json::array()), Json(true), Json("\x7f?"), Json(1.5)}) {
        bool const fits = (wrong.is_boolean() && value.is_boolean()) || (wrong.is_number() && value.is_number()) ||
                          (wrong.is_string() && value.is_string());
        bool const nullable = wrong.is_null() && sample.op == "seat.assign" && path == "/player";
        if (fits || nullable) continue;
        auto document = data;
        document[at] = wrong;
        EXPECT_EQ(refusal(request(sample.op, document.dump())), "bad_request " + error_path(at))
            << sample.op << " " << document;
      }
    }
  }
}

struct Bad {
  std::string_view op;
  std::string data;
  std::string_view path;
};

void PrintTo(Bad const &bad, std::ostream *out) { *out << bad.op << " " << bad.data.substr(0, 100); }

class BadData : public testing::TestWithParam<Bad> {};

TEST_P(BadData, IsRefusedWithItsPath) {
  auto const &[op, data, path] = GetParam();
  EXPECT_EQ(refusal(request(op, data)), "bad_request " + std::string(path));
}

std::string list_of(std::size_t count, std::string const &item) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + item;
  return list + "]";
}

std::string text_of(std::size_t characters) { return '"' + std::string(characters, 'x') + '"'; }

std::string const kPlayerJson = R"("6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d")";
std::string const kPiece = R"("00000000000000ff")";

INSTANTIATE_TEST_SUITE_P(
    OutOfBounds, BadData,
    testing::Values(Bad{"seat.take", R"({"seat":""})", "data.seat"},
                    Bad{"seat.take", R"({"seat":)" + text_of(65) + "}", "data.seat"},
                    Bad{"table.configure", R"({"name":""})", "data.name"},
                    Bad{"table.configure", R"({"name":)" + text_of(65) + "}", "data.name"},
                    Bad{"table.configure", R"({"grid":{"size":-1,"snap":true}})", "data.grid.size"},
                    Bad{"table.configure", R"({"grid":{"size":10001,"snap":true}})", "data.grid.size"},
                    Bad{"piece.create", R"({"pieces":[]})", "data.pieces"},
                    Bad{"piece.create",
                        R"({"pieces":[{"kind":"card","zone":"d","face":)" + text_of(65) + R"(,"back":""}]})",
                        "data.pieces[0].face"},
                    Bad{"piece.create",
                        R"({"pieces":[{"kind":"card","zone":"d","face":"","back":)" + text_of(65) + "}]}",
                        "data.pieces[0].back"},
                    Bad{"piece.create",
                        R"({"pieces":[{"kind":"card","zone":"d","face":"","back":"","label":)" + text_of(257) + "}]}",
                        "data.pieces[0].label"},
                    Bad{"piece.create", R"({"pieces":[{"kind":"card","zone":"d","face":"","back":"","index":-1}]})",
                        "data.pieces[0].index"},
                    Bad{"piece.create", R"({"pieces":[{"kind":"card","zone":"d","face":"","back":"","index":10001}]})",
                        "data.pieces[0].index"},
                    Bad{"piece.create", R"({"pieces":[{"kind":"card","zone":"d","face":"","back":"","x":1000000001}]})",
                        "data.pieces[0].x"},
                    Bad{"piece.create", R"({"pieces":[{"kind":"card","zone":"d","face":"","back":"","y":-1.1e9}]})",
                        "data.pieces[0].y"},
                    Bad{"piece.remove", R"({"pieces":)" + list_of(513, kPiece) + "}", "data.pieces"},
                    Bad{"piece.remove", R"({"pieces":[]})", "data.pieces"},
                    Bad{"piece.remove", R"({"pieces":["00000000000000FF"]})", "data.pieces[0]"},
                    Bad{"piece.remove", R"({"pieces":["00000000000000ff","0f"]})", "data.pieces[1]"},
                    Bad{"piece.remove", R"({"pieces":["00000000000000fg"]})", "data.pieces[0]"},
                    Bad{"zone.create", R"({"zone":{"id":"z","kind":"pile","visibility":"public","capacity":0}})",
                        "data.zone.capacity"},
                    Bad{"zone.create", R"({"zone":{"id":"z","kind":"pile","visibility":"public","capacity":10001}})",
                        "data.zone.capacity"},
                    Bad{"zone.draw", R"({"from":"deck","count":0})", "data.count"},
                    Bad{"zone.draw", R"({"from":"deck","count":513})", "data.count"},
                    Bad{"zone.deal", R"({"from":"deck","to":[],"count":1})", "data.to"},
                    Bad{"zone.deal", R"({"from":"deck","to":)" + list_of(65, R"("z")") + R"(,"count":1})", "data.to"},
                    Bad{"zone.deal", R"({"from":"deck","to":["a",""],"count":1})", "data.to[1]"},
                    Bad{"zone.peek", R"({"zone":"deck","count":513})", "data.count"},
                    Bad{"zone.reveal", R"({"zone":"deck","to":[]})", "data.to"},
                    Bad{"zone.reveal", R"({"zone":"deck","to":"some"})", "data.to"},
                    Bad{"zone.reveal", R"({"zone":"deck","to":)" + list_of(513, kPlayerJson) + "}", "data.to"},
                    Bad{"counter.set", R"({"counter":"pot","value":9007199254740992})", "data.value"},
                    Bad{"counter.set", R"({"counter":"pot","value":-9007199254740992})", "data.value"},
                    Bad{"counter.set", R"({"counter":"pot","value":18446744073709551615})", "data.value"},
                    Bad{"counter.set", R"({"counter":"pot","value":-9223372036854775808})", "data.value"},
                    Bad{"counter.transfer", R"({"from":"a","to":"b","amount":0})", "data.amount"},
                    Bad{"counter.transfer", R"({"from":"a","to":"b","amount":-1})", "data.amount"},
                    Bad{"turn.order", R"({"seats":)" + list_of(13, R"("s")") + "}", "data.seats"},
                    Bad{"turn.set", R"({"seat":"s1","phase":""})", "data.phase"},
                    Bad{"dice.roll", R"({"notation":"","to":"all"})", "data.notation"},
                    Bad{"dice.roll", R"({"notation":)" + text_of(257) + R"(,"to":"all"})", "data.notation"},
                    Bad{"dice.roll", R"({"notation":"d6","to":"all","reason":)" + text_of(257) + "}", "data.reason"},
                    Bad{"chat.say", R"({"text":""})", "data.text"},
                    Bad{"chat.say", R"({"text":)" + text_of(2'001) + "}", "data.text"},
                    Bad{"chat.whisper", R"({"to":[],"text":"x"})", "data.to"}));

INSTANTIATE_TEST_SUITE_P(
    WhatADatabaseWouldRefuse, BadData,
    testing::Values(Bad{"chat.say", R"({"text":"a\u0000b"})", "data.text"},
                    Bad{"seat.take", R"({"seat":"s\u0000"})", "data.seat"},
                    Bad{"turn.order", R"({"seats":["s\u0000"]})", "data.seats[0]"},
                    Bad{"chat.say", R"({"text":"\ud800"})", ""}, Bad{"chat.say", R"({"text":"\udc00x"})", ""},
                    Bad{"chat.say", R"({"text":"\ud800A"})", ""}, Bad{"chat.say", "{\"text\":\"\xff\"}", ""},
                    Bad{"chat.say", "{\"text\":\"\xed\xa0\x80\"}", ""}, Bad{"chat.say", "{\"text\":\"\xc0\x80\"}", ""},
                    Bad{"counter.set", R"({"counter":"pot","value":1e999})", ""}));

INSTANTIATE_TEST_SUITE_P(NoIntegers, BadData,
                         testing::Values(Bad{"counter.set", R"({"counter":"pot","value":1.0})", "data.value"},
                                         Bad{"counter.set", R"({"counter":"pot","value":1e2})", "data.value"},
                                         Bad{"counter.set", R"({"counter":"pot","value":0.5})", "data.value"},
                                         Bad{"counter.set", R"({"counter":"pot","value":"1"})", "data.value"},
                                         Bad{"counter.set", R"({"counter":"pot","value":92233720368547758080})",
                                             "data.value"},
                                         Bad{"zone.draw", R"({"from":"deck","count":1.5})", "data.count"}));

INSTANTIATE_TEST_SUITE_P(
    NoPlayers, BadData,
    testing::Values(Bad{"chat.whisper", R"({"to":["x"],"text":"x"})", "data.to[0]"},
                    Bad{"chat.whisper", R"({"to":["6F0F8D5E-2F63-4F6B-9C56-5A0A8C1F2B3D"],"text":"x"})", "data.to[0]"},
                    Bad{"role.grant", R"({"player":"6f0f8d5e2f634f6b9c565a0a8c1f2b3d","role":"gm"})", "data.player"},
                    Bad{"role.grant", R"({"player":"6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d","role":"god"})",
                        "data.role"}));

struct Frame {
  std::string text;
  std::string_view refusal;
};

void PrintTo(Frame const &frame, std::ostream *out) { *out << frame.text.substr(0, 100); }

class BadFrame : public testing::TestWithParam<Frame> {};

TEST_P(BadFrame, IsRefused) { EXPECT_EQ(refusal(GetParam().text), GetParam().refusal); }

INSTANTIATE_TEST_SUITE_P(
    Frames, BadFrame,
    testing::Values(Frame{"", "bad_request "}, Frame{"{", "bad_request "}, Frame{"null", "bad_request "},
                    Frame{"[]", "bad_request "}, Frame{R"([{"op":"turn.next","id":"c"}])", "bad_request "},
                    Frame{R"("turn.next")", "bad_request "}, Frame{R"({"op":"turn.next","id":"c"} x)", "bad_request "},
                    Frame{"{}", "bad_request op"}, Frame{R"({"op":7})", "bad_request op"},
                    Frame{R"({"op":"fly"})", "unknown_op op"},
                    Frame{R"({"op":"player.join","id":"c","data":{"name":"x","role":"owner"}})", "unknown_op op"},
                    Frame{R"({"op":"turn.next"})", "bad_request id"},
                    Frame{R"({"op":"turn.next","id":7})", "bad_request id"},
                    Frame{R"({"op":"turn.next","id":""})", "bad_request id"},
                    Frame{R"({"op":"turn.next","id":)" + text_of(65) + "}", "bad_request id"},
                    Frame{R"({"op":"turn.next","id":"a\u0000"})", "bad_request id"},
                    Frame{R"({"op":"turn.next","id":"c","data":[]})", "bad_request data"},
                    Frame{R"({"op":"turn.next","id":"c","data":null})", "bad_request data"},
                    Frame{R"({"op":"turn.next","id":"c","token":"t"})", "bad_request token"},
                    Frame{R"({"op":"turn.next","id":"c","if":7})", "bad_request if"},
                    Frame{R"({"op":"turn.next","id":"c","if":{"seq":-1}})", "bad_request if.seq"},
                    Frame{R"({"op":"turn.next","id":"c","if":{"seq":1.5}})", "bad_request if.seq"},
                    Frame{R"({"op":"turn.next","id":"c","if":{"zone":"","version":1}})", "bad_request if.zone"},
                    Frame{R"({"op":"turn.next","id":"c","if":{"table":"x"}})", "bad_request if.table"},
                    Frame{R"({"op":"seat.take","id":"c"})", "bad_request data.seat"}));

INSTANTIATE_TEST_SUITE_P(
    Hellos, BadFrame,
    testing::Values(Frame{R"({"op":"hello","client":"c"})", "bad_request token"},
                    Frame{R"({"op":"hello","token":"","client":"c"})", "bad_request token"},
                    Frame{R"({"op":"hello","token":)" + text_of(4'097) + R"(,"client":"c"})", "bad_request token"},
                    Frame{R"({"op":"hello","token":7,"client":"c"})", "bad_request token"},
                    Frame{R"({"op":"hello","token":"t"})", "bad_request client"},
                    Frame{R"({"op":"hello","token":"t","client":)" + text_of(65) + "}", "bad_request client"},
                    Frame{R"({"op":"hello","token":"t","client":"c","resume":7})", "bad_request resume"},
                    Frame{R"({"op":"hello","token":"t","client":"c","resume":{}})", "bad_request resume.seq"},
                    Frame{R"({"op":"hello","token":"t","client":"c","resume":{"seq":-1}})", "bad_request resume.seq"},
                    Frame{R"({"op":"hello","token":"t","client":"c","resume":{"seq":1,"x":1}})",
                          "bad_request resume.x"},
                    Frame{R"({"op":"hello","token":"t","client":"c","id":"c"})", "bad_request id"},
                    Frame{R"({"op":"hello","data":{"token":"t","client":"c"}})", "bad_request data"}));

INSTANTIATE_TEST_SUITE_P(
    Presences, BadFrame,
    testing::Values(Frame{R"({"op":"presence"})", "bad_request data"},
                    Frame{R"({"op":"presence","data":{}})", "bad_request data"},
                    Frame{R"({"op":"presence","id":"c","data":{"typing":true}})", "bad_request id"},
                    Frame{R"({"op":"presence","data":{"typing":1}})", "bad_request data.typing"},
                    Frame{R"({"op":"presence","data":{"cursor":[1]}})", "bad_request data.cursor"},
                    Frame{R"({"op":"presence","data":{"cursor":[1,2,3]}})", "bad_request data.cursor"},
                    Frame{R"({"op":"presence","data":{"cursor":[1,"2"]}})", "bad_request data.cursor[1]"},
                    Frame{R"({"op":"presence","data":{"cursor":[1e10,0]}})", "bad_request data.cursor[0]"},
                    Frame{R"({"op":"presence","data":{"drag":{"piece":"00000000000000ff","x":1}}})",
                          "bad_request data.drag.y"}));

TEST(Refusal, TellsTheMessagesIdIfItHasAUsableOne) {
  EXPECT_EQ(decode(R"({"op":"fly","id":"c-1"})").error().id, ActionId("c-1"));
  EXPECT_EQ(decode(R"({"id":"c-1"})").error().id, ActionId("c-1"));
  EXPECT_EQ(decode(R"({"op":"seat.take","id":"c-1","data":{}})").error().id, ActionId("c-1"));
  EXPECT_EQ(decode(R"({"op":"turn.next","id":7})").error().id, ActionId());
  EXPECT_EQ(decode(R"({"op":"turn.next","id":"c-1")").error().id, ActionId());
}

TEST(Refusal, OfAMessageTooLarge) {
  auto const padded = [](std::size_t bytes) {
    std::string message = R"({"op":"turn.next","id":"c"})";
    return message + std::string(bytes - message.size(), ' ');
  };

  EXPECT_EQ(refusal(padded(kClientMessageBytesMax)), "accepted");
  EXPECT_EQ(refusal(padded(kClientMessageBytesMax + 1)), "too_large ");
}

TEST(Refusal, OfWhatNestsTooDeep) {
  auto const nested = [](std::size_t lists) {
    return request("turn.next", std::string(lists, '[') + std::string(lists, ']'));
  };

  EXPECT_EQ(refusal(nested(kNestingMax - 1)), "bad_request data") << "deep, but only of the wrong type";
  EXPECT_EQ(decode(nested(kNestingMax)).error().message, "the message nests too deep");
  EXPECT_EQ(refusal(std::string(60'000, '[')), "bad_request ");
}

TEST(Refusal, DoesNotCountBracketsInTexts) {
  EXPECT_EQ(refusal(request("chat.say", R"({"text":"\"[[[[[[[[[[[[[[[[[[{{{{\\"})")), "accepted");
}

TEST(Refusal, TellsBackOnlyTheBeginningOfALongName) {
  std::string name;
  for (int i = 0; i < 500; ++i) name += "ü";
  auto const refused = decode(R"({"op":"turn.next","id":"a","data":{")" + name + R"(":1}})");

  ASSERT_FALSE(refused);
  EXPECT_LT(refused.error().path.size(), 80U);
  EXPECT_TRUE(refused.error().path.starts_with("data.üü")) << refused.error().path;
  EXPECT_TRUE(refused.error().path.ends_with("ü…")) << refused.error().path;
}

}  // namespace
}  // namespace tableforge::protocol
