#include "tableforge/ws/decoder.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/ws/encoder.hpp"

#include "unit/ws/stream.hpp"

namespace tableforge::ws {
namespace {

using test::announce;
using test::bytes;
using test::close_payload;
using test::decode;
using test::error;
using test::every_byte;
using test::frame;
using test::Kind;
using test::kMessageBytesMax;
using test::Seen;

using Sight = std::vector<Seen>;

Seen text(std::string_view payload) { return {.kind = Kind::text, .payload = std::string(payload)}; }
Seen binary(std::string_view payload) { return {.kind = Kind::binary, .payload = std::string(payload)}; }
Seen ping(std::string_view payload) { return {.kind = Kind::ping, .payload = std::string(payload)}; }
Seen pong(std::string_view payload) { return {.kind = Kind::pong, .payload = std::string(payload)}; }
Seen closing(CloseCode code, std::string_view reason) {
  return {.kind = Kind::close, .payload = std::string(reason), .close_code = code};
}

/// The stream must look like `expected` in one piece and byte by byte.
void expect_both_ways(std::string const &stream, Sight const &expected, Side side = Side::server,
                      std::size_t message_bytes_max = kMessageBytesMax) {
  EXPECT_EQ(decode(stream, {}, side, message_bytes_max), expected) << "in one piece";
  EXPECT_EQ(decode(stream, every_byte(stream.size()), side, message_bytes_max), expected) << "byte by byte";
}

// Section 5.7 of the RFC. The unmasked examples are what a client reads, the masked ones what a server does.

TEST(DecoderRfc, ReadsASingleUnmaskedText) {
  expect_both_ways(bytes("\x81\x05\x48\x65\x6c\x6c\x6f"), {text("Hello")}, Side::client);
}

TEST(DecoderRfc, ReadsASingleMaskedText) {
  expect_both_ways(bytes("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), {text("Hello")});
}

TEST(DecoderRfc, ReadsAFragmentedUnmaskedText) {
  expect_both_ways(bytes("\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f"), {text("Hello")}, Side::client);
}

TEST(DecoderRfc, ReadsAnUnmaskedPingAndAMaskedPong) {
  expect_both_ways(bytes("\x89\x05\x48\x65\x6c\x6c\x6f"), {ping("Hello")}, Side::client);
  expect_both_ways(bytes("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), {pong("Hello")});
}

TEST(DecoderRfc, ReadsTwoHundredFiftySixBytesOfBinary) {
  std::string const payload(256, 'b');
  expect_both_ways(bytes("\x82\x7e\x01\x00") + payload, {binary(payload)}, Side::client);
}

TEST(DecoderRfc, ReadsSixtyFourKibibytesOfBinary) {
  std::string const payload(65536, 'b');
  expect_both_ways(bytes("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00") + payload, {binary(payload)}, Side::client);
}

// Messages.

TEST(Decoder, ReadsEveryLengthAroundTheHeadersEdges) {
  for (std::size_t const size : {0UZ, 1UZ, 7UZ, 8UZ, 125UZ, 126UZ, 127UZ, 65535UZ, 65536UZ}) {
    std::string const payload(size, 'x');
    expect_both_ways(frame(0x82, payload), {binary(payload)});
    expect_both_ways(frame(0x82, payload, {}), {binary(payload)}, Side::client);
  }
}

TEST(Decoder, HandsOutManyFramesOfOneBufferInOrder) {
  expect_both_ways(frame(0x81, "a") + frame(0x89, "p") + frame(0x82, "b") + frame(0x81, "") + frame(0x8a, ""),
                   {text("a"), ping("p"), binary("b"), text(""), pong("")});
}

TEST(Decoder, JoinsFragmentsAroundControlFrames) {
  expect_both_ways(frame(0x01, "one ") + frame(0x89, "p1") + frame(0x00, "two ") + frame(0x8a, "p2") + frame(0x89, "") +
                       frame(0x80, "three") + frame(0x82, "next"),
                   {ping("p1"), pong("p2"), ping(""), text("one two three"), binary("next")});
}

TEST(Decoder, JoinsEmptyFragments) {
  expect_both_ways(frame(0x01, "") + frame(0x00, "") + frame(0x80, ""), {text("")});
  expect_both_ways(frame(0x02, "") + frame(0x00, "x") + frame(0x80, ""), {binary("x")});
}

TEST(Decoder, ReadsCharactersThatAreCutBetweenFragments) {
  std::string const joker = "\xf0\x9f\x83\x8f";
  std::string stream = frame(0x01, joker.substr(0, 1));
  stream += frame(0x00, joker.substr(1, 1)) + frame(0x89, "\xff") + frame(0x80, joker.substr(2));
  expect_both_ways(stream, {ping("\xff"), text(joker)});
}

TEST(Decoder, FindsTheSameWhereverTheStreamIsCut) {
  std::string const stream = frame(0x81, "κόσμε, the first message") + frame(0x89, "ping") + frame(0x01, "frag\xe2") +
                             frame(0x8a, "pong") + frame(0x80, "\x82\xacments") + frame(0x82, std::string(130, 'b')) +
                             frame(0x88, close_payload(1000, "done"));
  Sight const expected = {text("κόσμε, the first message"), ping("ping"),         pong("pong"), text("frag€ments"),
                          binary(std::string(130, 'b')),    closing(1000, "done")};
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      ASSERT_EQ(decode(stream, {first, second}), expected) << "cut at " << first << " and " << second;
    }
  }
}

TEST(Decoder, LeavesTheRestOfTheInputToTheCaller) {
  std::string buffer = frame(0x81, "one") + frame(0x81, "two");
  std::size_t const half = buffer.size() / 2;
  Decoder decoder(Side::server, kMessageBytesMax);
  std::span<char> input(buffer);
  Step const step = decoder.next(input);
  EXPECT_EQ(step.payload, "one");
  EXPECT_EQ(input.size(), half);
}

TEST(Decoder, HandsOutAWholeMessageWhereItLies) {
  std::string buffer = frame(0x81, "in place");
  Decoder decoder(Side::server, kMessageBytesMax);
  std::span<char> input(buffer);
  Step const step = decoder.next(input);
  EXPECT_EQ(step.payload.data(), buffer.data() + 6);
}

TEST(Decoder, GoesOnAfterBeingMovedInMidMessage) {
  std::string const stream = frame(0x81, "moved");
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Sight seen;
    Decoder first(Side::server, kMessageBytesMax);
    test::feed(first, stream.substr(0, cut), seen);
    Decoder second(std::move(first));
    test::feed(second, stream.substr(cut), seen);
    ASSERT_EQ(seen, Sight{text("moved")}) << cut;
  }
}

TEST(Decoder, ReadsWhatTheEncoderWrites) {
  std::string from_server;
  append_frame(from_server, Opcode::text, "text");
  append_close(from_server, kCloseNoStatus, "");
  std::string from_client;
  append_masked_frame(from_client, Opcode::binary, std::string(70'000, 'm'), test::kKey);
  append_masked_close(from_client, 4999, "over", test::kKey);
  expect_both_ways(from_server, {text("text"), closing(kCloseNoStatus, "")}, Side::client);
  expect_both_ways(from_client, {binary(std::string(70'000, 'm')), closing(4999, "over")});
}

// Broken frames.

TEST(DecoderErrors, ServerRefusesAnUnmaskedFrame) {
  expect_both_ways(frame(0x81, "x", {}), {error(kCloseProtocolError)}, Side::server);
}

TEST(DecoderErrors, ClientRefusesAMaskedFrame) {
  expect_both_ways(frame(0x81, "x"), {error(kCloseProtocolError)}, Side::client);
}

TEST(DecoderErrors, RefusesEveryReservedBit) {
  for (unsigned const bit : {0x40U, 0x20U, 0x10U}) {
    for (unsigned const first : {0x81U, 0x82U, 0x89U, 0x88U})
      expect_both_ways(frame(first | bit, ""), {error(kCloseProtocolError)});
    expect_both_ways(frame(0x01, "x") + frame(0x80 | bit, ""), {error(kCloseProtocolError)});
  }
}

TEST(DecoderErrors, RefusesEveryReservedOpcode) {
  for (unsigned const opcode : {0x3U, 0x4U, 0x5U, 0x6U, 0x7U, 0xbU, 0xcU, 0xdU, 0xeU, 0xfU})
    expect_both_ways(frame(0x80 | opcode, "x"), {error(kCloseProtocolError)});
}

TEST(DecoderErrors, RefusesFragmentedControlFrames) {
  for (unsigned const first : {0x08U, 0x09U, 0x0aU}) expect_both_ways(frame(first, ""), {error(kCloseProtocolError)});
}

TEST(DecoderErrors, RefusesControlFramesThatAreTooLong) {
  std::string const fits(125, 'p');
  expect_both_ways(frame(0x89, fits), {ping(fits)});
  for (unsigned const first : {0x88U, 0x89U, 0x8aU}) {
    expect_both_ways(frame(first, std::string(126, 'p')), {error(kCloseProtocolError)});
    expect_both_ways(announce(first, 5, 2), {error(kCloseProtocolError)});
    expect_both_ways(announce(first, 5, 8), {error(kCloseProtocolError)});
  }
}

TEST(DecoderErrors, RefusesAContinuationOfNothing) {
  expect_both_ways(frame(0x80, "x"), {error(kCloseProtocolError)});
  expect_both_ways(frame(0x00, "x"), {error(kCloseProtocolError)});
  expect_both_ways(frame(0x81, "x") + frame(0x80, "y"), {text("x"), error(kCloseProtocolError)});
  expect_both_ways(frame(0x01, "x") + frame(0x80, "y") + frame(0x80, "z"), {text("xy"), error(kCloseProtocolError)});
}

TEST(DecoderErrors, RefusesANewMessageInsideAnother) {
  for (unsigned const first : {0x81U, 0x82U, 0x01U, 0x02U})
    expect_both_ways(frame(0x01, "x") + frame(first, "y"), {error(kCloseProtocolError)});
}

TEST(DecoderErrors, RefusesLengthsThatAreNotMinimal) {
  for (std::size_t const size : {0UZ, 1UZ, 125UZ})
    expect_both_ways(announce(0x82, size, 2), {error(kCloseProtocolError)});
  for (std::size_t const size : {0UZ, 125UZ, 126UZ, 65535UZ})
    expect_both_ways(announce(0x82, size, 8), {error(kCloseProtocolError)});
}

TEST(DecoderErrors, RefusesALengthWithItsHighBitSet) {
  expect_both_ways(announce(0x82, 1ULL << 63, 8), {error(kCloseProtocolError)});
  expect_both_ways(announce(0x82, ~0ULL, 8), {error(kCloseProtocolError)});
}

// Limits.

TEST(DecoderLimits, RefusesAMessageAsSoonAsItsLengthIsAnnounced) {
  expect_both_ways(announce(0x82, 101, 0), {error(kCloseTooBig)}, Side::server, 100);
  expect_both_ways(announce(0x81, 70'000, 8), {error(kCloseTooBig)}, Side::server, 65'536);
  expect_both_ways(announce(0x82, (1ULL << 63) - 1, 8), {error(kCloseTooBig)});
}

TEST(DecoderLimits, TakesAMessageThatJustFits) {
  std::string const payload(100, 'x');
  expect_both_ways(frame(0x81, payload), {text(payload)}, Side::server, 100);
  expect_both_ways(frame(0x01, payload.substr(60)) + frame(0x80, payload.substr(40)), {text(payload)}, Side::server,
                   100);
}

TEST(DecoderLimits, CountsOverFragments) {
  std::string const started = frame(0x01, std::string(60, 'x')) + frame(0x00, std::string(30, 'x'));
  expect_both_ways(started + announce(0x80, 11, 0), {error(kCloseTooBig)}, Side::server, 100);
  expect_both_ways(started + announce(0x00, (1ULL << 63) - 1, 8), {error(kCloseTooBig)}, Side::server, 100);
}

TEST(DecoderLimits, CountsEachMessageAnew) {
  std::string const payload(90, 'x');
  std::string const fragmented = frame(0x02, payload.substr(50)) + frame(0x80, payload.substr(40));
  expect_both_ways(fragmented + frame(0x82, payload) + fragmented, {binary(payload), binary(payload), binary(payload)},
                   Side::server, 100);
}

TEST(DecoderLimits, DoNotHoldForControlFrames) {
  std::string const payload(125, 'p');
  expect_both_ways(frame(0x89, payload), {ping(payload)}, Side::server, 10);
}

// Text.

TEST(DecoderText, RefusesInvalidUtf8) {
  for (std::string const &bad : {bytes("\xc0\x80"), bytes("a\xed\xa0\x80"), bytes("\xf4\x90\x80\x80"),
                                 bytes("\xe2\x82"), bytes("\x80"), bytes("plain ascii and then \xff")}) {
    expect_both_ways(frame(0x81, bad), {error(kCloseInvalidPayload)});
    expect_both_ways(frame(0x01, bad) + frame(0x80, ""), {error(kCloseInvalidPayload)});
  }
}

TEST(DecoderText, RefusesACharacterThatTheMessageBreaksOff) {
  expect_both_ways(frame(0x01, "abc\xe2\x82") + frame(0x80, ""), {error(kCloseInvalidPayload)});
  expect_both_ways(frame(0x01, "abc\xe2\x82") + frame(0x80, "x"), {error(kCloseInvalidPayload)});
}

TEST(DecoderText, FailsFastInTheMidstOfAFrame) {
  std::string const whole = frame(0x81, std::string(500, 'a') + "\xed\xa0" + std::string(500, 'b'));
  std::size_t const bad_byte = 8 + 501;  // A header of eight, then the byte that makes it a surrogate.
  EXPECT_EQ(decode(whole.substr(0, bad_byte)), Sight{});
  EXPECT_EQ(decode(whole.substr(0, bad_byte + 1)), Sight{error(kCloseInvalidPayload)});
}

TEST(DecoderText, FailsFastInTheMidstOfAMessage) {
  EXPECT_EQ(decode(frame(0x01, "good \xf4")), Sight{});
  EXPECT_EQ(decode(frame(0x01, "good \xf4\x90")), Sight{error(kCloseInvalidPayload)});
  EXPECT_EQ(decode(frame(0x01, "good \xf4") + frame(0x00, "\x90")), Sight{error(kCloseInvalidPayload)});
}

TEST(DecoderText, BinaryMayHoldAnything) {
  expect_both_ways(frame(0x02, "\xff\xc0") + frame(0x80, "\xed\xa0\x80"), {binary("\xff\xc0\xed\xa0\x80")});
}

TEST(DecoderText, ForgetsTheLastMessageBeforeTheNext) {
  // A binary message that looks like half a character must not bear on the text that follows.
  expect_both_ways(frame(0x02, "\xe2") + frame(0x80, "\x82") + frame(0x01, "x") + frame(0x80, "y"),
                   {binary("\xe2\x82"), text("xy")});
}

// Closing.

TEST(DecoderClose, ReadsCodeAndReason) {
  expect_both_ways(frame(0x88, ""), {closing(kCloseNoStatus, "")});
  expect_both_ways(frame(0x88, close_payload(1000)), {closing(1000, "")});
  std::string const longest = std::string(121, 'r') + "é";
  expect_both_ways(frame(0x88, close_payload(4321, longest)), {closing(4321, longest)});
}

TEST(DecoderClose, RefusesHalfACode) { expect_both_ways(frame(0x88, "\x03"), {error(kCloseProtocolError)}); }

TEST(DecoderClose, JudgesEveryCodeThereIs) {
  for (unsigned code = 0; code <= 0xffff; ++code) {
    bool const assigned = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    bool const valid = assigned || (code >= 3000 && code <= 4999);
    Seen const expected = valid ? closing(static_cast<CloseCode>(code), "") : error(kCloseProtocolError);
    ASSERT_EQ(decode(frame(0x88, close_payload(code))), Sight{expected}) << code;
  }
}

TEST(DecoderClose, RefusesAReasonThatIsNotUtf8) {
  expect_both_ways(frame(0x88, close_payload(1000, "bad \xff")), {error(kCloseInvalidPayload)});
  expect_both_ways(frame(0x88, close_payload(1000, "cut \xe2\x82")), {error(kCloseInvalidPayload)});
}

TEST(DecoderClose, SwallowsEverythingAfterwards) {
  expect_both_ways(frame(0x88, close_payload(1000)) + frame(0x81, "late") + "\xff\xff\xff", {closing(1000, "")});
}

TEST(DecoderClose, MayInterruptAMessage) {
  expect_both_ways(frame(0x01, "never fin") + frame(0x88, close_payload(1001)) + frame(0x80, "ished"),
                   {closing(1001, "")});
}

TEST(DecoderErrors, AreRepeatedForever) {
  for (auto const &[stream, code] : {std::pair(frame(0x83, "x"), kCloseProtocolError),
                                     std::pair(announce(0x81, kMessageBytesMax + 1, 8), kCloseTooBig),
                                     std::pair(frame(0x81, "\xff"), kCloseInvalidPayload)}) {
    Decoder decoder(Side::server, kMessageBytesMax);
    Sight seen;
    test::feed(decoder, stream, seen);
    test::feed(decoder, frame(0x81, "fine"), seen);
    test::feed(decoder, "", seen);
    EXPECT_EQ(seen, (Sight{error(code), error(code), error(code)}));
  }
}

TEST(DecoderErrors, ComeAfterTheMessagesBeforeThem) {
  expect_both_ways(frame(0x81, "one") + frame(0x89, "two") + frame(0x81, "\xff"),
                   {text("one"), ping("two"), error(kCloseInvalidPayload)});
}

}  // namespace
}  // namespace tableforge::ws
