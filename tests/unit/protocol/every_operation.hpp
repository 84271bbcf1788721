#pragma once

#include <array>
#include <string>
#include <string_view>

namespace tableforge::protocol::test {

/// One operation's data with nothing that may be left out, and with everything.
struct Sample {
  std::string_view op;
  std::string_view minimal;
  std::string_view full;
};

inline constexpr auto kSamples = std::to_array<Sample>({
    {"seat.take", R"({"seat":"s1"})", R"({"seat":"s1"})"},
    {"seat.leave", R"({"seat":"s1"})", R"({"seat":"s1"})"},
    {"seat.assign", R"({"seat":"s1","player":null})",
     R"({"seat":"s1","player":"6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d"})"},
    {"role.grant", R"({"player":"6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d","role":"gm"})",
     R"({"player":"6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d","role":"spectator"})"},
    {"table.configure", R"({})", R"({"name":"Home","grid":{"size":2.5,"snap":true},"turn_enforced":false})"},
    {"piece.create", R"({"pieces":[{"kind":"card","zone":"deck","face":"","back":""}]})",
     R"({"pieces":[{"kind":"token","zone":"board","face":"K","back":"blue","label":"","side":"front","locked":true,
         "index":0,"x":-1.5,"y":2,"rotation":90}]})"},
    {"piece.move", R"({"moves":[{"piece":"00000000000000ff","to":{"zone":"board"}}]})",
     R"({"moves":[{"piece":"00000000000000ff","to":{"zone":"board","index":3,"x":1e3,"y":0.5},"side":"back",
         "rotation":-45.5},{"piece":"ffffffffffffffff","to":{"zone":"muck"}}]})"},
    {"piece.turn", R"({"pieces":["00000000000000ff"],"side":"other"})",
     R"({"pieces":["00000000000000ff","00000000000000fe"],"side":"front"})"},
    {"piece.update", R"({"piece":"00000000000000ff","set":{}})",
     R"({"piece":"00000000000000ff","set":{"face":"Q","label":"mine","locked":false}})"},
    {"piece.remove", R"({"pieces":["00000000000000ff"]})", R"({"pieces":["00000000000000ff"]})"},
    {"zone.create", R"({"zone":{"id":"shelf","kind":"pile","visibility":"public"}})",
     R"({"zone":{"id":"shelf","kind":"bag","visibility":"owner","seat":"s1","capacity":7,"take":"all","put":"gm",
         "touch":"none"}})"},
    {"zone.remove", R"({"zone":"shelf"})", R"({"zone":"shelf"})"},
    {"zone.shuffle", R"({"zone":"deck"})", R"({"zone":"deck"})"},
    {"zone.draw", R"({"from":"deck","count":1})", R"({"from":"deck","to":"board","count":512,"side":"front"})"},
    {"zone.deal", R"({"from":"deck","to":["hand:s1"],"count":1})",
     R"({"from":"deck","to":["hand:s1","hand:s2"],"count":2,"side":"back"})"},
    {"zone.peek", R"({"zone":"deck","count":1})", R"({"zone":"deck","count":512})"},
    {"zone.reveal", R"({"to":"all"})",
     R"({"zone":"deck","pieces":["00000000000000ff"],"to":["6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d"]})"},
    {"counter.create", R"({"counter":"pot","value":0})", R"({"counter":"pot","value":-5,"min":-10,"seat":"s1"})"},
    {"counter.set", R"({"counter":"pot","value":9007199254740991})", R"({"counter":"pot","value":-9007199254740991})"},
    {"counter.add", R"({"counter":"pot","delta":0})", R"({"counter":"pot","delta":-1})"},
    {"counter.transfer", R"({"from":"pot","to":"chips:s1","amount":1})",
     R"({"from":"pot","to":"chips:s1","amount":9007199254740991})"},
    {"turn.order", R"({"seats":[]})", R"({"seats":["s1","s2"]})"},
    {"turn.set", R"({"seat":"s1"})", R"({"seat":"s1","phase":"river"})"},
    {"turn.next", R"({})", R"({})"},
    {"dice.roll", R"({"notation":"d6","to":"all"})", R"({"notation":"2d6+1","to":"self","reason":"attack"})"},
    {"chat.say", R"({"text":"x"})", R"({"text":"hello"})"},
    {"chat.whisper", R"({"to":["6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d"],"text":"x"})",
     R"({"to":["6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d","6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3e"],"text":"psst"})"},
});

inline std::string request(std::string_view op, std::string_view data) {
  return R"({"op":")" + std::string(op) + R"(","id":"c-1","data":)" + std::string(data) + "}";
}

}  // namespace tableforge::protocol::test
