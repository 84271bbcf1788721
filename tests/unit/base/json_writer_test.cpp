#include "tableforge/base/json_writer.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/base/json_fields.hpp"

namespace tableforge {

enum class Fruit : std::uint8_t { apple, pear };

template <>
struct Words<Fruit> {
  static constexpr std::array<std::string_view, 2> words{"apple", "pear"};
};

namespace {

template <class Write>
std::string written(Write &&write) {
  std::string out;
  JsonWriter writer(out);
  write(writer);
  return out;
}

std::string text_of(std::string_view text) {
  return written([&](JsonWriter &writer) { writer.string(text); });
}

template <class Number>
std::string number(Number value) {
  return written([&](JsonWriter &writer) { writer.number(value); });
}

TEST(JsonWriter, PutsCommasWhereTheyAreDue) {
  EXPECT_EQ(written([](JsonWriter &writer) {
              writer.begin_object();
              writer.key("a");
              writer.begin_array();
              writer.number(1);
              writer.begin_array();
              writer.end_array();
              writer.begin_object();
              writer.end_object();
              writer.end_array();
              writer.key("b");
              writer.null();
              writer.key("c");
              writer.boolean(true);
              writer.key("d");
              writer.raw("{\"x\":1}");
              writer.key("e");
              writer.string("f");
              writer.end_object();
            }),
            R"({"a":[1,[],{}],"b":null,"c":true,"d":{"x":1},"e":"f"})");
}

TEST(JsonWriter, EscapesWhatJsonForbids) {
  EXPECT_EQ(text_of("plain"), R"("plain")");
  EXPECT_EQ(text_of(""), R"("")");
  EXPECT_EQ(text_of("\"\\"), R"("\"\\")");
  EXPECT_EQ(text_of("a\nb\rc\td"), R"("a\nb\rc\td")");
  EXPECT_EQ(text_of(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(text_of("é♠\U0001F0A1/"), "\"é♠\U0001F0A1/\"");
}

TEST(JsonWriter, EveryByteOfAsciiReadsBack) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);

  EXPECT_EQ(nlohmann::json::parse(text_of(all)).get<std::string>(), all);
}

TEST(JsonWriter, FindsWhatToEscapeAtEveryPlaceOfAWord) {
  std::vector<std::pair<char, std::string>> const specials{
      {'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\x1f', "\\u001f"}, {'\0', "\\u0000"}};
  for (auto const &[special, escaped] : specials) {
    for (std::size_t before = 0; before < 20; ++before) {
      for (std::size_t after = 0; after < 10; ++after) {
        auto const head = std::string(before, '!');
        auto const tail = "é\x7f" + std::string(after, '#');
        EXPECT_EQ(text_of(head + special + tail + special), '"' + head + escaped + tail + escaped + '"');
      }
    }
  }
}

TEST(JsonWriter, WritesNumbersThatReadBack) {
  EXPECT_EQ(number(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(number(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(5.0), "5");
  EXPECT_EQ(number(1e300), "1e+300");
  // As std::to_chars writes them: whichever is shorter.
  EXPECT_EQ(number(99'999.0), "99999");
  EXPECT_EQ(number(-99'999.0), "-99999");
  EXPECT_EQ(number(100'000.0), "1e+05");
  EXPECT_EQ(number(120'000.0), "120000");
  EXPECT_EQ(number(99'999.5), "99999.5");
  EXPECT_EQ(number(0.0), "0");
  EXPECT_EQ(number(-0.0), "-0");
  for (double const value : {1.0 / 3, -1e-300, 5e-324, std::numeric_limits<double>::max(), 123456789.125}) {
    EXPECT_EQ(nlohmann::json::parse(number(value)).get<double>(), value);
  }
}

struct Inner {
  std::int64_t value = 7;
  static constexpr auto fields() { return std::tuple{field("value", &Inner::value)}; }
};

struct Outer {
  std::optional<std::string> absent;
  std::optional<std::string> present = "here";
  Fruit fruit = Fruit::pear;
  std::vector<Inner> list{{}, {}};
  SeatId seat{"s1"};
  PieceId piece{1};
  Uuid uuid;
  Time time;
  bool flag = true;
  double number = 0.5;
  static constexpr auto fields() {
    return std::tuple{field("absent", &Outer::absent), field("present", &Outer::present), field("fruit", &Outer::fruit),
                      field("list", &Outer::list),     field("seat", &Outer::seat),       field("piece", &Outer::piece),
                      field("uuid", &Outer::uuid),     field("time", &Outer::time),       field("flag", &Outer::flag),
                      field("number", &Outer::number)};
  }
};

struct Plain {};

TEST(JsonFields, WritesFieldsInTheirOrderAndLeavesOutTheAbsent) {
  EXPECT_EQ(
      written([](JsonWriter &writer) { write_json(writer, Outer{}, Plain{}); }),
      R"({"present":"here","fruit":"pear","list":[{"value":7},{"value":7}],"seat":"s1","piece":"0000000000000001",)"
      R"("uuid":"00000000-0000-0000-0000-000000000000","time":"1970-01-01T00:00:00.000000Z","flag":true,)"
      R"("number":0.5})");
}

struct InnerAsNumber {
  void operator()(JsonWriter &writer, Inner const &inner) const { writer.number(inner.value); }
};

TEST(JsonFields, LetsATypeHaveAFormOfItsOwn) {
  auto const text = written([](JsonWriter &writer) { write_json(writer, Outer{}, InnerAsNumber{}); });

  EXPECT_NE(text.find(R"("list":[7,7])"), std::string::npos);
}

TEST(Words, ReadBackAsTheirValues) {
  EXPECT_EQ(word(Fruit::pear), "pear");
  EXPECT_EQ(from_word<Fruit>("apple"), Fruit::apple);
  EXPECT_EQ(from_word<Fruit>("plum"), std::nullopt);
  EXPECT_EQ(from_word<Fruit>(""), std::nullopt);
}

}  // namespace
}  // namespace tableforge
