#include "protocol/json_tape.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "unit/protocol/every_operation.hpp"

namespace tableforge::protocol {
namespace {

using namespace std::string_literals;
using Json = nlohmann::json;
using Kind = JsonNode::Kind;

constexpr std::size_t kNesting = 64;

/// Scans a copy that ends where its memory ends, so that a sanitizer sees a look beyond it.
struct Scanned {
  explicit Scanned(std::string_view text, std::size_t nesting_max = kNesting)
      : copy(text.begin(), text.end()), good(tape.scan({copy.data(), copy.size()}, nesting_max)) {}

  std::vector<char> copy;
  JsonTape tape;
  bool good;
};

/// As nlohmann::json would hold it, where the last member of a name counts as well.
Json to_json(JsonNode const &node) {
  switch (node.kind()) {
    case Kind::null: return nullptr;
    case Kind::boolean: return node.boolean();
    case Kind::integer: return node.integer();
    case Kind::large_integer: return node.large_integer();
    case Kind::real: return node.number();
    case Kind::text: return node.text();
    case Kind::list: {
      auto list = Json::array();
      node.for_each_element([&](JsonNode const &each) { list.push_back(to_json(each)); });
      EXPECT_EQ(list.size(), node.size());
      return list;
    }
    case Kind::object: break;
  }
  auto object = Json::object();
  std::size_t members = 0;
  node.for_each_member([&](std::string_view name, JsonNode const &value) {
    object[std::string(name)] = to_json(value);
    ++members;
  });
  EXPECT_EQ(members, node.size());
  return object;
}

std::string written(std::string_view text) {
  Scanned const scanned(text);
  // Written out, 1 and 1.0 differ, which the comparison of two documents overlooks.
  return scanned.good ? to_json(scanned.tape.root()).dump() : "refused";
}

/// What nlohmann::json makes of it. It takes a NUL for the end of the text; here one is never part of JSON.
std::string written_by_nlohmann(std::string const &text) {
  if (text.find('\0') != std::string::npos) return "refused";
  auto const json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? "refused" : json.dump();
}

void check_alike(std::string const &text) { RC_ASSERT(written(text) == written_by_nlohmann(text)); }

Kind kind_of(std::string_view text) {
  Scanned const scanned(text);
  if (!scanned.good) throw std::runtime_error("refused: " + std::string(text));
  return scanned.tape.root().kind();
}

TEST(JsonTape, TellsTheKindsOfNumbers) {
  EXPECT_EQ(kind_of("0"), Kind::integer);
  EXPECT_EQ(kind_of("-0"), Kind::integer);
  EXPECT_EQ(kind_of("9223372036854775807"), Kind::integer);
  EXPECT_EQ(kind_of("9223372036854775808"), Kind::large_integer);
  EXPECT_EQ(kind_of("18446744073709551615"), Kind::large_integer);
  EXPECT_EQ(kind_of("18446744073709551616"), Kind::real);
  EXPECT_EQ(kind_of("-9223372036854775808"), Kind::integer);
  EXPECT_EQ(kind_of("-9223372036854775809"), Kind::real);
  EXPECT_EQ(kind_of("1.0"), Kind::real);
  EXPECT_EQ(kind_of("1e2"), Kind::real);
}

TEST(JsonTape, RefusesNumbersBeyondADoubleAndRoundsTinyOnesToZero) {
  auto const zeros = std::string(400, '0');
  for (auto const &huge :
       {"1e999"s, "-1e400"s, "1e99999999999999999999"s, "1" + zeros, "0.1e310"s, "-1" + zeros + "e-1"}) {
    EXPECT_FALSE(Scanned(huge).good) << huge;
  }
  for (auto const &tiny : {"1e-999"s, "-1e-400"s, "1e-99999999999999999999"s, "0." + zeros + "1", "1" + zeros + "e-800",
                           "0." + zeros + "1E+10"}) {
    Scanned const scanned(tiny);
    ASSERT_TRUE(scanned.good) << tiny;
    EXPECT_EQ(scanned.tape.root().number(), 0) << tiny;
  }
  EXPECT_EQ(written("5e-324"), "5e-324");
  EXPECT_EQ(written("1" + zeros + "e-400"), "1.0");
}

TEST(JsonTape, TakesTextsWithoutEscapesWhereTheyLie) {
  Scanned const scanned(R"({"plain":"a long text with é and 🂡","escaped":"a\ttab"})");
  auto const *const begin = scanned.copy.data();
  auto const lies_there = [&](std::string_view text) {
    return text.data() >= begin && text.data() + text.size() <= begin + scanned.copy.size();
  };

  ASSERT_TRUE(scanned.good);
  EXPECT_EQ(scanned.tape.root().find("plain")->text(), "a long text with é and 🂡");
  EXPECT_TRUE(lies_there(scanned.tape.root().find("plain")->text()));
  EXPECT_EQ(scanned.tape.root().find("escaped")->text(), "a\ttab");
  EXPECT_FALSE(lies_there(scanned.tape.root().find("escaped")->text()));
}

TEST(JsonTape, KeepsAllTextsWithEscapesOfADocument) {
  std::string text = "[";
  auto expected = Json::array();
  for (int i = 0; i < 1'000; ++i) {
    text += (i == 0 ? "" : ",") + ("\"" + std::to_string(i)) + R"(\u00e9\n\ud83c\udca1\\")";
    expected.push_back(std::to_string(i) + "é\n🂡\\");
  }

  EXPECT_EQ(written(text + "]"), expected.dump());
}

TEST(JsonTape, FindsTheLastMemberOfAName) {
  Scanned const scanned(R"({"a":{"b":1},"c":2,"a":3})");

  ASSERT_TRUE(scanned.good);
  EXPECT_EQ(scanned.tape.root().size(), 3U);
  EXPECT_EQ(scanned.tape.root().find("a")->integer(), 3);
  EXPECT_EQ(scanned.tape.root().find("b"), nullptr);
}

TEST(JsonTape, RefusesWhatNestsTooDeep) {
  EXPECT_TRUE(Scanned("1", 0).good);
  EXPECT_FALSE(Scanned("[]", 0).good);
  EXPECT_TRUE(Scanned(R"([[],{"a":{}},[[]]])", 3).good);
  EXPECT_FALSE(Scanned(R"([[],{"a":{}},[[[]]]])", 3).good);
  EXPECT_FALSE(Scanned(std::string(100'000, '[')).good);
}

TEST(JsonTape, ServesOneDocumentAfterAnother) {
  JsonTape tape;
  for (auto const &text : {R"({"a":[1,2]})"s, "[" + std::string(5'000, ' ') + R"("x\n"])", R"("\u0041")"s, "7"s}) {
    ASSERT_TRUE(tape.scan(text, kNesting));
    EXPECT_EQ(to_json(tape.root()), Json::parse(text));
    ASSERT_FALSE(tape.scan(text + "!", kNesting));
  }
}

class NoJson : public testing::TestWithParam<std::string> {};

TEST_P(NoJson, IsRefused) {
  EXPECT_FALSE(Scanned(GetParam()).good);
  EXPECT_FALSE(Scanned(R"({"a":)" + GetParam() + "}").good);
}

INSTANTIATE_TEST_SUITE_P(Structure, NoJson,
                         testing::Values("", " ", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"",
                                         "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
                                         "{\"a\" 1}", "{]", "[}", "1 1", "[] []", "//x\n1", "\xef\xbb", "1\f"));
INSTANTIATE_TEST_SUITE_P(Words, NoJson,
                         testing::Values("nul", "nulll", "True", "t", "fals", "NaN", "Infinity", "undefined"));
INSTANTIATE_TEST_SUITE_P(Numbers, NoJson,
                         testing::Values("-", "+1", "01", "-01", "00", "1.", ".5", "1.e1", "1e", "1e+", "1E-", "1e1.0",
                                         "0x1", "--1", "1-", "١"));
INSTANTIATE_TEST_SUITE_P(Texts, NoJson,
                         testing::Values("\"", "\"a", "\"\\", "\"\\\"", "'a'", "\"\n\"", "\"\x1f\"", "\"a\0b\""s,
                                         "\"\\a\"", "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u-123\"", "\"\\ud800\"",
                                         "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\ud800\\ud800\""));
INSTANTIATE_TEST_SUITE_P(NoUtf8, NoJson,
                         testing::Values("\"\x80\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xc1\xbf\"", "\"\xc3\"", "\"\xc3",
                                         "\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xe2\x99\"", "\"\xf0\x8f\xbf\xbf\"",
                                         "\"\xf4\x90\x80\x80\"", "\"\xf0\x9f\x82", "\"\\n\xc3\"", "\xc3\xa9"));

TEST(JsonTape, SkipsAByteOrderMarkAndSpace) {
  EXPECT_EQ(written("\xef\xbb\xbf \t\r\n{ \"a\" : [ 1 , 2 ] } \n"), R"({"a":[1,2]})");
  EXPECT_FALSE(Scanned("\xef\xbb\xbf\xef\xbb\xbf{}").good);
}

TEST(JsonTape, TakesNoNulForTheEnd) {
  EXPECT_FALSE(Scanned("{}\0"s).good);
  EXPECT_FALSE(Scanned("{}\0{"s).good);
}

TEST(JsonTape, FindsTheEndOfATextAtEveryPlaceOfAWord) {
  for (auto const &special : {"\""s, "\\n\""s, "é\""s, "\x7f\""s}) {
    for (std::size_t before = 0; before < 20; ++before) {
      for (std::size_t after = 0; after < 10; ++after) {
        auto const text = "[\"" + std::string(before, '!') + special + std::string(after, ' ') + "]";
        EXPECT_EQ(written(text), written_by_nlohmann(text)) << text;
        EXPECT_NE(written(text), "refused") << text;
      }
    }
  }
}

/// Pieces of which JSON is made, good and bad.
rc::Gen<std::string> any_piece() {
  return rc::gen::element(
      "{"s, "}"s, "["s, "]"s, ","s, ":"s, " "s, "\n"s, "\""s, "\\"s, "null"s, "true"s, "false"s, "0"s, "-"s, "-0"s,
      "17"s, "1.5"s, "-2e3"s, "1E-7"s, "01"s, "1e999"s, "1e-999"s, "9007199254740993"s, "9223372036854775808"s,
      "-9223372036854775809"s, "99999999999999999999"s, "0.1"s, "5e-324"s, "\"a\""s, "\"a\":"s, "\"b\":"s, "\"\""s,
      "\"\\u00e9\""s, "\"\\ud83c\\udca1\""s, "\\ud83c"s, "\\udca1"s, "\\n"s, "\\/"s, "é"s, "🂡"s, "\xed\xa0\x80"s,
      "\x80"s, "\x1f"s, "\0"s, "\x7f"s, "[]"s, "{}"s, "[1,2]"s, "{\"a\":1,\"a\":2}"s, "\xef\xbb\xbf"s);
}

RC_GTEST_PROP(JsonTapeAndNlohmann, AgreeOnPieces, ()) {
  std::string text;
  for (auto const &piece : *rc::gen::container<std::vector<std::string>>(any_piece())) text += piece;
  // So deep that only this side minds.
  RC_PRE(static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c == '[' || c == '{'; })) < kNesting);
  check_alike(text);
}

/// A document of every kind of value, nested up to `depth`.
Json any_document(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return *rc::gen::arbitrary<bool>();
    case 2: return *rc::gen::arbitrary<std::int64_t>();
    case 3: return *rc::gen::arbitrary<std::uint64_t>();
    case 4:
      return *rc::gen::suchThat(rc::gen::arbitrary<double>(), [](double number) { return std::isfinite(number); });
    case 5:
      return *rc::gen::element("", "plain", "longer than one word of memory", "é🂡♥", "\"\\/\b\f\n\r\t", "\x01\x7f");
    case 6: {
      auto list = Json::array();
      auto const size = *rc::gen::inRange(0, 5);
      for (int i = 0; i < size; ++i) list.push_back(any_document(depth - 1));
      return list;
    }
    default: {
      auto object = Json::object();
      auto const size = *rc::gen::inRange(0, 5);
      for (int i = 0; i < size; ++i)
        object[*rc::gen::element("a", "b", "key", "schlüssel", "x\ny")] = any_document(depth - 1);
      return object;
    }
  }
}

RC_GTEST_PROP(JsonTapeAndNlohmann, AgreeOnDocuments, ()) {
  auto const text = any_document(4).dump(*rc::gen::element(-1, 1), ' ', *rc::gen::arbitrary<bool>());

  RC_ASSERT(written(text) != "refused");
  check_alike(text);
}

RC_GTEST_PROP(JsonTapeAndNlohmann, AgreeOnMutatedDocuments, ()) {
  auto const &sample = test::kSamples[*rc::gen::inRange<std::size_t>(0, test::kSamples.size())];
  auto text = *rc::gen::arbitrary<bool>() ? any_document(3).dump() : test::request(sample.op, sample.full);
  auto const wounds = *rc::gen::inRange(1, 4);
  for (int i = 0; i < wounds; ++i) {
    auto const at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    switch (*rc::gen::inRange(0, 4)) {
      case 0: text.insert(at, *any_piece()); break;
      case 1: text.insert(at, 1, *rc::gen::arbitrary<char>()); break;
      case 2: text.erase(at, *rc::gen::inRange<std::size_t>(1, 4)); break;
      default: text.insert(at, text.substr(at, *rc::gen::inRange<std::size_t>(1, 20)));
    }
  }
  check_alike(text);
}

}  // namespace
}  // namespace tableforge::protocol
