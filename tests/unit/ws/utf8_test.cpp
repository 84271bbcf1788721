#include "tableforge/ws/utf8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tableforge::ws {
namespace {

/// Encodes by arithmetic alone, as code points of any kind.
std::string encode_utf8(std::uint32_t point) {
  auto const tail = [point](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3f)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
}

/// Judges by decoding to code points and asking what they are, which is another way than the validator's.
bool valid_by_decoding(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto const lead = static_cast<std::uint8_t>(text[at]);
    std::size_t const size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0 || at + size > text.size()) return false;
    std::uint32_t point = size == 1 ? lead : lead & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
      auto const byte = static_cast<std::uint8_t>(text[at + i]);
      if (byte >> 6 != 2) return false;
      point = point << 6 | (byte & 0x3f);
    }
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    if (encode_utf8(point).size() != size) return false;
    at += size;
  }
  return true;
}

/// Where the validator gives up when it is fed byte by byte; the size of the text if it does not.
std::size_t first_bad_byte(std::string_view text) {
  Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!validator.feed(text.substr(i, 1))) return i;
  }
  return text.size();
}

TEST(Utf8, AcceptsEveryCodePointExceptSurrogates) {
  for (std::uint32_t point = 0; point <= 0x10ffff; ++point) {
    bool const surrogate = point >= 0xd800 && point <= 0xdfff;
    ASSERT_EQ(is_utf8(encode_utf8(point)), !surrogate) << std::hex << point;
  }
}

TEST(Utf8, RefusesCodePointsBeyondUnicode) {
  EXPECT_FALSE(is_utf8(encode_utf8(0x110000)));
  EXPECT_FALSE(is_utf8("\xf5\x80\x80\x80"));
  EXPECT_FALSE(is_utf8("\xf8\x88\x80\x80\x80"));
  EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Utf8, JudgesEverySequenceOfFourBytesAsDecodingDoes) {
  // The first and last byte of every class that the encoding knows, so every pair of neighbours in its table is met.
  constexpr auto kEdges =
      std::to_array<unsigned char>({0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                    0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff});
  std::string text(4, '\0');
  for (auto a : kEdges) {
    for (auto b : kEdges) {
      for (auto c : kEdges) {
        for (auto d : kEdges) {
          text = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)};
          for (std::size_t size = 1; size <= 4; ++size) {
            std::string_view const piece(text.data(), size);
            ASSERT_EQ(is_utf8(piece), valid_by_decoding(piece))
                << std::hex << +a << ' ' << +b << ' ' << +c << ' ' << +d;
          }
        }
      }
    }
  }
}

TEST(Utf8, FailsAtTheFirstByteThatCannotBe) {
  EXPECT_EQ(first_bad_byte("ab\x80"), 2U);            // A stray continuation.
  EXPECT_EQ(first_bad_byte("\xc0\xaf"), 0U);          // Overlong in two bytes.
  EXPECT_EQ(first_bad_byte("\xe0\x9f\xbf"), 1U);      // Overlong in three.
  EXPECT_EQ(first_bad_byte("\xf0\x8f\xbf\xbf"), 1U);  // Overlong in four.
  EXPECT_EQ(first_bad_byte("\xed\xa0\x80"), 1U);      // A surrogate.
  EXPECT_EQ(first_bad_byte("\xf4\x90\x80\x80"), 1U);  // U+110000.
  EXPECT_EQ(first_bad_byte("\xe2\x82x"), 2U);         // A character broken off.
}

TEST(Utf8, StaysBadOnceBad) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed("\xff"));
  EXPECT_FALSE(validator.feed("fine"));
  EXPECT_FALSE(validator.feed(""));
  EXPECT_FALSE(validator.complete());
}

TEST(Utf8, IsIncompleteInsideACharacterOnly) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.complete());
  for (char const byte : std::string_view("\xf0\x9f\x83")) {
    EXPECT_TRUE(validator.feed({&byte, 1}));
    EXPECT_FALSE(validator.complete());
  }
  EXPECT_TRUE(validator.feed("\x8f"));
  EXPECT_TRUE(validator.complete());
}

TEST(Utf8, JudgesTheSameWhereverTheTextIsCut) {
  std::string const text = "plain ascii, κόσμε, 漢字, \U0001f0cf\U0001f0a1 and a longer run of plain ascii again";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Utf8Validator validator;
    ASSERT_TRUE(validator.feed(std::string_view(text).substr(0, cut))) << cut;
    ASSERT_TRUE(validator.feed(std::string_view(text).substr(cut))) << cut;
    ASSERT_TRUE(validator.complete()) << cut;
  }
}

TEST(Utf8, SeesABadByteAtEveryPlaceOfAWord) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\xa9';
      ASSERT_FALSE(is_utf8(text)) << at << " of " << size;
    }
  }
}

}  // namespace
}  // namespace tableforge::ws
