#include "lobby/names.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tableforge::lobby {
namespace {

std::string times(std::size_t n, std::string const &text) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

TEST(ValidName, CountsCharactersAndNotBytes) {
  EXPECT_TRUE(valid_name("A"));
  EXPECT_TRUE(valid_name(times(64, "x")));
  EXPECT_TRUE(valid_name(times(64, "\U0001f0a1")));
  EXPECT_FALSE(valid_name(""));
  EXPECT_FALSE(valid_name(times(65, "x")));
  EXPECT_FALSE(valid_name(times(65, "é")));
}

TEST(ValidName, TakesEveryScript) {
  for (char const *name : {"Zoë", "Ελένη", "Иван", "王小明", "たろう", "محمد", "O'Neill \"Ace\" \\ <b>", "🂡", "\u07ff",
                           "\u0800", "\uffff", "\U00010000", "\U0010ffff", "\u00a0"}) {
    EXPECT_TRUE(valid_name(name)) << name;
  }
}

TEST(ValidName, RefusesControlCharacters) {
  for (int c = 0; c < 0x20; ++c) EXPECT_FALSE(valid_name(std::string("a") + static_cast<char>(c) + "b")) << c;
  EXPECT_FALSE(valid_name("a\x7f"));
  EXPECT_FALSE(valid_name("a\u0080"));
  EXPECT_FALSE(valid_name("a\u009f"));
}

TEST(ValidName, RefusesWhatIsNotUtf8) {
  for (std::string const bytes :
       {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe2\x82", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
        "a\xc3(", "\xe2(\xa1"}) {
    EXPECT_FALSE(valid_name(bytes)) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace tableforge::lobby
