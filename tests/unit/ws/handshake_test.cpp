#include "tableforge/ws/handshake.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tableforge::ws {
namespace {

TEST(Handshake, AnswersTheKeyOfTheRfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // Section 1.3.
}

TEST(Handshake, AcceptsBase64OfSixteenBytes) {
  EXPECT_TRUE(valid_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(valid_key("AQIDBAUGBwgJCgsMDQ4PEC=="));  // Section 4.1; spare bits are not looked at.
  EXPECT_TRUE(valid_key("++++++++++//////////zA=="));
}

TEST(Handshake, RefusesWhatIsNotAKey) {
  EXPECT_FALSE(valid_key(""));
  EXPECT_FALSE(valid_key("dGhlIHNhbXBsZSBub25j"));          // 15 bytes.
  EXPECT_FALSE(valid_key("dGhlIHNhbXBsZSBub25jZQA="));      // 17 bytes.
  EXPECT_FALSE(valid_key("dGhlIHNhbXBsZSBub25jZQ"));        // No padding.
  EXPECT_FALSE(valid_key("dGhlIHNhbXBsZSBub25jZQ==="));     // Too much of it.
  EXPECT_FALSE(valid_key("dGhlIHNhbXBsZSBub25jZQ==\r\n"));  // A line end.
  EXPECT_FALSE(valid_key("dGhlIHNhbXBs ZSBub25jZ=="));
  EXPECT_FALSE(valid_key("dGhlIHNhbXBs-SBub25jZQ=="));  // The URL alphabet.
  EXPECT_FALSE(valid_key("dGhl=HNhbXBsZSBub25jZQ=="));
  EXPECT_FALSE(valid_key("dGhlIHNhbXBs\xc3\xa9SBub25jZ=="));
}

TEST(Handshake, MakesValidKeysThatDiffer) {
  std::string const first = make_key();
  std::string const second = make_key();
  EXPECT_TRUE(valid_key(first)) << first;
  EXPECT_TRUE(valid_key(second)) << second;
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace tableforge::ws
