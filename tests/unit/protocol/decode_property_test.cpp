#include <string>
#include <variant>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "tableforge/base/json_fields.hpp"
#include "tableforge/protocol/client_message.hpp"

#include "unit/protocol/every_operation.hpp"

namespace tableforge::protocol {
namespace {

using namespace std::string_literals;
using test::kSamples;
using test::request;

/// What comes in either way is either a message or a reason: nothing else, and never an exception.
void check_judged(std::string const &bytes) {
  auto const message = decode(bytes);
  if (message) return;
  RC_ASSERT(!message.error().message.empty());
  RC_ASSERT(message.error().code == ErrorCode::bad_request || message.error().code == ErrorCode::unknown_op ||
            message.error().code == ErrorCode::too_large);
}

RC_GTEST_PROP(DecodeOfAnything, IsJudged, (std::string const &bytes)) { check_judged(bytes); }

RC_GTEST_PROP(DecodeOfAnything, OfJsonsOwnCharactersIsJudged, ()) {
  check_judged(*rc::gen::container<std::string>(
      rc::gen::elementOf(("{}[]:,\"\\ueE+-.0123456789 abdopnulltruefalse\x00\x7f\xff"s))));
}

RC_GTEST_PROP(DecodeOfAnything, OfABrokenMessageIsJudged, ()) {
  auto const &sample = kSamples[*rc::gen::inRange<std::size_t>(0, kSamples.size())];
  auto bytes = request(sample.op, *rc::gen::element(sample.minimal, sample.full));
  auto const wounds = *rc::gen::inRange(1, 5);
  for (int i = 0; i < wounds; ++i) {
    auto const at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    auto const byte = *rc::gen::arbitrary<char>();
    switch (*rc::gen::inRange(0, 4)) {
      case 0: bytes[at] = byte; break;
      case 1: bytes.insert(at, 1, byte); break;
      case 2: bytes.erase(at, 1); break;
      default: bytes.insert(at, bytes.substr(at, *rc::gen::inRange<std::size_t>(0, 20)));
    }
    if (bytes.empty()) bytes = "x";
  }
  check_judged(bytes);
}

RC_GTEST_PROP(DecodeOfAnything, OfAMessageWithAValueExchangedIsJudged, ()) {
  using Json = nlohmann::json;
  auto const &sample = kSamples[*rc::gen::inRange<std::size_t>(0, kSamples.size())];
  auto document = Json::parse(request(sample.op, sample.full));
  auto const flat = document.flatten();
  auto at = flat.begin();
  std::advance(at, *rc::gen::inRange<std::size_t>(0, flat.size()));
  document[Json::json_pointer(at.key())] = *rc::gen::element(
      Json(nullptr), Json(-1), Json(1e300), Json(std::string(300, 'x')), Json(std::string(1, '\0')), Json::array(),
      Json::object(), Json(true), Json(18'446'744'073'709'551'615U), Json(Json::array({Json::object()})));
  check_judged(document.dump());
}

RC_GTEST_PROP(Numbers, ComeBackAsTheyWere, (double raw)) {
  // Into the range that positions have, with all of its fractions.
  double const number = std::isfinite(raw) ? std::remainder(raw, 1e9) : 0;
  std::string text;
  JsonWriter(text).number(number);

  auto const message = decode(R"({"op":"presence","data":{"cursor":[)" + text + ",0]}}");

  RC_ASSERT(message.has_value());
  RC_ASSERT((*std::get<Presence>(*message).cursor)[0] == number);
}

RC_GTEST_PROP(Numbers, OfIntegersComeBackAsTheyWere, ()) {
  auto const number = *rc::gen::inRange(-table::kIntegerMax, table::kIntegerMax);

  auto const message = decode(request("counter.add", R"({"counter":"pot","delta":)" + std::to_string(number) + "}"));

  RC_ASSERT(message.has_value());
  RC_ASSERT(std::get<table::CounterAdd>(std::get<Request>(*message).operation).delta == number);
}

/// Any characters but NUL and lone surrogates, as UTF-8.
rc::Gen<std::string> any_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
          rc::gen::inRange<std::uint32_t>(1, 0x80), rc::gen::inRange<std::uint32_t>(0x80, 0x800),
          rc::gen::inRange<std::uint32_t>(0xe000, 0x10000), rc::gen::inRange<std::uint32_t>(0x10000, 0x110000))),
      [](std::vector<std::uint32_t> const &points) {
        std::string text;
        for (auto const point : points) {
          auto const byte = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
          auto const rest = [&](int shift) { byte(0x80 | ((point >> shift) & 0x3f)); };
          if (point < 0x80) {
            byte(point);
          } else if (point < 0x800) {
            byte(0xc0 | point >> 6);
            rest(0);
          } else if (point < 0x10000) {
            byte(0xe0 | point >> 12);
            rest(6);
            rest(0);
          } else {
            byte(0xf0 | point >> 18);
            rest(12);
            rest(6);
            rest(0);
          }
        }
        return text;
      });
}

RC_GTEST_PROP(Texts, ComeBackAsTheyWere, ()) {
  auto const text = *rc::gen::nonEmpty(any_text());
  std::string json;
  JsonWriter(json).string(text);

  auto const message = decode(request("chat.say", R"({"text":)" + json + "}"));

  RC_ASSERT(message.has_value());
  RC_ASSERT(std::get<table::ChatSay>(std::get<Request>(*message).operation).text == text);
}

}  // namespace
}  // namespace tableforge::protocol
