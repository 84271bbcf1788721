#include "tableforge/log/log.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/base/ids.hpp"

namespace tableforge::log {
namespace {

class Log : public testing::Test {
 protected:
  void begin(bool json, Level level = Level::info) {
    init({.level = level, .json = json, .sink = [this](std::string_view line) { lines.emplace_back(line); }});
  }
  void TearDown() override { init({}); }

  /// The only line there should be, without its time.
  std::string line_after_time() const {
    EXPECT_EQ(lines.size(), 1u);
    return lines.empty() ? "" : lines[0].substr(lines[0].find(' ') + 1);
  }
  nlohmann::json object() const {
    EXPECT_EQ(lines.size(), 1u);
    return lines.empty() ? nlohmann::json() : nlohmann::json::parse(lines[0]);
  }

  std::vector<std::string> lines;
};

TEST_F(Log, WritesFieldsInTheirOrderAsText) {
  begin(false);
  info("table loaded", {{"seat", SeatId{"s1"}}, {"seq", Seq{12}}, {"ok", true}, {"ratio", 0.5}, {"delta", -3}});
  EXPECT_EQ(line_after_time(), "info  table loaded seat=s1 seq=12 ok=true ratio=0.5 delta=-3\n");
}

TEST_F(Log, StampsLinesInUtc) {
  begin(false);
  info("x");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0][10], 'T');
  EXPECT_EQ(lines[0].substr(26, 2), "Z ");
}

TEST_F(Log, QuotesTextThatIsNotPlain) {
  begin(false);
  info("x", {{"a", "two words"}, {"b", "li\nne \x1b[31m"}, {"c", ""}, {"d", "k=v"}});
  EXPECT_EQ(line_after_time(), "info  x a=\"two words\" b=\"li\\nne \\u001b[31m\" c=\"\" d=\"k=v\"\n");
}

TEST_F(Log, WritesOneJsonObjectPerLine) {
  begin(true);
  TableId const id{Uuid::random()};
  warn("a \"quoted\" word", {{"table", id}, {"n", 7u}, {"nan", std::nan("")}, {"text", "a\tb\\"}});
  auto const parsed = object();
  EXPECT_EQ(parsed.at("level"), "warn");
  EXPECT_EQ(parsed.at("message"), "a \"quoted\" word");
  EXPECT_EQ(parsed.at("table"), id.value.text());
  EXPECT_EQ(parsed.at("n"), 7);
  EXPECT_TRUE(parsed.at("nan").is_null());
  EXPECT_EQ(parsed.at("text"), "a\tb\\");
  EXPECT_TRUE(parsed.contains("at"));
}

TEST_F(Log, KeepsUtf8AndRepairsWhatIsNone) {
  begin(true);
  info("x", {{"good", "zażółć"}, {"bad", "a\xff\xc3(b\xed\xa0\x80"}});
  EXPECT_EQ(object().at("good"), "zażółć");
  EXPECT_EQ(object().at("bad"),
            "a?"
            "?(b?"
            "?"
            "?");
}

TEST_F(Log, CutsLongTextBetweenCharacters) {
  begin(true);
  std::string text(511, 'a');
  text += "ż and more";
  info("x", {{"text", text}});
  EXPECT_EQ(object().at("text"), std::string(511, 'a'));
}

TEST_F(Log, LeavesOutFieldsThatDoNotFitTheLine) {
  std::string const text(500, '\x01');  // Each byte takes six, escaped.
  for (bool const json : {false, true}) {
    lines.clear();
    begin(json);
    info("x", {{"a", text}, {"b", text}, {"c", 1}});
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_LE(lines[0].size(), kLineBytesMax);
    EXPECT_NE(lines[0].find("cut"), std::string::npos);
    EXPECT_NE(lines[0].find("\\u0001"), std::string::npos);
  }
  EXPECT_EQ(object().at("cut"), true);
}

TEST_F(Log, SkipsWhatIsBelowItsLevel) {
  begin(false, Level::warn);
  info("quiet");
  EXPECT_FALSE(enabled(Level::info));
  warn("loud");
  EXPECT_EQ(line_after_time(), "warn  loud\n");
}

}  // namespace
}  // namespace tableforge::log
