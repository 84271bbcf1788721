#include "tableforge/ws/encoder.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tableforge/ws/utf8.hpp"

#include "unit/ws/stream.hpp"

namespace tableforge::ws {
namespace {

using test::bytes;

std::string server_frame(Opcode opcode, std::string_view payload) {
  std::string out;
  append_frame(out, opcode, payload);
  return out;
}

std::string server_close(CloseCode code, std::string_view reason) {
  std::string out;
  append_close(out, code, reason);
  return out;
}

// Section 5.7 of the RFC.

TEST(Encoder, WritesTheUnmaskedTextOfTheRfc) {
  EXPECT_EQ(server_frame(Opcode::text, "Hello"), bytes("\x81\x05\x48\x65\x6c\x6c\x6f"));
}

TEST(Encoder, WritesTheMaskedTextOfTheRfc) {
  std::string out;
  append_masked_frame(out, Opcode::text, "Hello", test::kKey);
  EXPECT_EQ(out, bytes("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"));
}

TEST(Encoder, WritesThePingAndTheMaskedPongOfTheRfc) {
  EXPECT_EQ(server_frame(Opcode::ping, "Hello"), bytes("\x89\x05\x48\x65\x6c\x6c\x6f"));
  std::string pong;
  append_masked_frame(pong, Opcode::pong, "Hello", test::kKey);
  EXPECT_EQ(pong, bytes("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"));
}

TEST(Encoder, WritesTheLongHeadersOfTheRfc) {
  EXPECT_EQ(server_frame(Opcode::binary, std::string(256, 'b')), bytes("\x82\x7e\x01\x00") + std::string(256, 'b'));
  EXPECT_EQ(server_frame(Opcode::binary, std::string(65536, 'b')),
            bytes("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00") + std::string(65536, 'b'));
}

TEST(Encoder, UsesTheShortestHeaderForEachLength) {
  for (std::size_t const size : {0UZ, 1UZ, 125UZ, 126UZ, 127UZ, 65535UZ, 65536UZ}) {
    std::string header;
    append_header(header, Opcode::text, size);
    EXPECT_EQ(header + std::string(size, 'x'), test::frame(0x81, std::string(size, 'x'), {})) << size;
    EXPECT_EQ(header.size(), header_bytes(size)) << size;
  }
}

TEST(Encoder, AppendsBehindWhatIsThere) {
  std::string out = "before";
  append_frame(out, Opcode::text, "a");
  append_masked_frame(out, Opcode::text, "b", test::kKey);
  EXPECT_EQ(out, "before" + test::frame(0x81, "a", {}) + test::frame(0x81, "b"));
}

TEST(Encoder, MasksEveryLengthByteByByte) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string const payload(size, 'm');
    std::string out;
    append_masked_frame(out, Opcode::text, payload, test::kKey);
    ASSERT_EQ(out, test::frame(0x81, payload)) << size;
  }
}

TEST(Encoder, WritesCloseCodeAndReason) {
  EXPECT_EQ(server_close(kCloseGoingAway, "bye"), bytes("\x88\x05\x03\xe9") + "bye");
  std::string masked;
  append_masked_close(masked, 4000, "later", test::kKey);
  EXPECT_EQ(masked, test::frame(0x88, test::close_payload(4000, "later")));
}

TEST(Encoder, WritesAnEmptyCloseForNoStatus) { EXPECT_EQ(server_close(kCloseNoStatus, ""), bytes("\x88\x00")); }

TEST(Encoder, KeepsAReasonThatJustFits) {
  EXPECT_EQ(server_close(kCloseNormal, std::string(123, 'r')),
            test::frame(0x88, test::close_payload(1000, std::string(123, 'r')), {}));
}

TEST(Encoder, ClipsAReasonBetweenCharacters) {
  // For characters of one to four bytes, each pushed along so that the limit falls at each place in one of them.
  for (std::string_view const character : {"r", "é", "字", "\U0001f0cf"}) {
    for (std::size_t lead = 0; lead < 4; ++lead) {
      std::string reason(lead, '.');
      while (reason.size() < 140) reason += character;
      std::string const close = server_close(kCloseNormal, reason);
      std::string_view const clipped = std::string_view(close).substr(4);
      ASSERT_TRUE(reason.starts_with(clipped));
      ASSERT_TRUE(is_utf8(clipped));
      ASSERT_LE(clipped.size(), 123U);
      ASSERT_GT(clipped.size() + character.size(), 123U);
    }
  }
}

TEST(EncoderDeathTest, RefusesAControlFrameThatIsTooLong) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(server_frame(Opcode::ping, std::string(126, 'p')), "invariant broken");
}

TEST(EncoderDeathTest, RefusesACloseCodeThatMayNotBeSent) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(server_close(1006, ""), "invariant broken");
}

}  // namespace
}  // namespace tableforge::ws
