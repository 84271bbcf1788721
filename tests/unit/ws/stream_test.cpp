#include "unit/ws/stream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tableforge/ws/decoder.hpp"

// What holds for streams of every shape: how they are fragmented, interleaved and cut makes no difference, and garbage
// is judged alike in one piece and in many.

namespace tableforge::ws {
namespace {

using test::decode;
using test::frame;
using test::Kind;
using test::Seen;

// Streams cost more to make than to read, so each is read in many ways.
constexpr int kCutsPerStream = 30;

struct Stream {
  std::string bytes;
  std::vector<Seen> meaning;
};

std::string random_text(std::size_t characters) {
  std::string out;
  for (std::size_t i = 0; i < characters; ++i) {
    auto const *const character =
        *rc::gen::elementOf(std::vector<char const *>{"a", "{", "plain ascii ", "\x7f", "é", "߿", "ࠀ", "漢",
                                                      "\xed\x9f\xbf", "\xef\xbf\xbf", "\U00010000", "\U0010ffff"});
    out += character;
  }
  return out;
}

std::string random_payload(bool is_text) {
  // Seldom large enough for a length of 16 or 64 bits.
  auto const size = *rc::gen::weightedOneOf<std::size_t>({{20, rc::gen::inRange<std::size_t>(0, 20)},
                                                          {5, rc::gen::inRange<std::size_t>(100, 200)},
                                                          {1, rc::gen::inRange<std::size_t>(65'500, 65'600)}});
  if (is_text && size < 1000) return random_text(size);
  if (is_text) return std::string(size, 't');
  if (size >= 1000) return std::string(size, '\xb5');
  return *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
}

/// A stream and what it means. One message in each round, in one to four fragments, control frames anywhere between.
Stream random_stream(Side side) {
  auto const random_frame = [side](unsigned first, std::string_view payload) {
    if (side == Side::client) return frame(first, payload, {});
    return frame(first, payload, *rc::gen::arbitrary<MaskKey>());
  };
  Stream stream;
  auto const maybe_control = [&] {
    if (*rc::gen::inRange(0, 3) != 0) return;
    bool const is_ping = *rc::gen::arbitrary<bool>();
    auto const size = *rc::gen::inRange<std::size_t>(0, 126);
    auto const payload = *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
    stream.bytes += random_frame(is_ping ? 0x89 : 0x8a, payload);
    stream.meaning.push_back({.kind = is_ping ? Kind::ping : Kind::pong, .payload = payload});
  };
  int const messages = *rc::gen::inRange(1, 6);
  for (int i = 0; i < messages; ++i) {
    bool const is_text = *rc::gen::arbitrary<bool>();
    std::string const payload = random_payload(is_text);
    auto const fragments = *rc::gen::inRange<unsigned>(1, 5);
    std::size_t start = 0;
    for (unsigned n = 1; n <= fragments; ++n) {
      maybe_control();
      bool const last = n == fragments;
      std::size_t const end = last ? payload.size() : *rc::gen::inRange<std::size_t>(start, payload.size() + 1);
      unsigned const opcode = n > 1 ? 0x0 : is_text ? 0x1 : 0x2;
      stream.bytes += random_frame(opcode | (last ? 0x80U : 0U), std::string_view(payload).substr(start, end - start));
      start = end;
    }
    stream.meaning.push_back({.kind = is_text ? Kind::text : Kind::binary, .payload = payload});
  }
  return stream;
}

std::vector<std::size_t> random_cuts(std::size_t size) {
  auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, size + 1));
  std::ranges::sort(cuts);
  return cuts;
}

RC_GTEST_PROP(AnyStream, MeansTheSameHoweverItIsFragmentedAndCut, ()) {
  Side const side = *rc::gen::element(Side::server, Side::client);
  Stream const stream = random_stream(side);
  for (int i = 0; i < kCutsPerStream; ++i)
    RC_ASSERT(decode(stream.bytes, random_cuts(stream.bytes.size()), side) == stream.meaning);
}

RC_GTEST_PROP(AnyStream, IsJudgedAlikeInOnePieceAndInManyWhenDamaged, ()) {
  Stream const stream = random_stream(Side::server);
  for (int i = 0; i < kCutsPerStream; ++i) {
    std::string damaged = stream.bytes;
    int const damages = *rc::gen::inRange(1, 5);
    for (int n = 0; n < damages; ++n)
      damaged[*rc::gen::inRange<std::size_t>(0, damaged.size())] = *rc::gen::arbitrary<char>();
    auto const whole = decode(damaged, {}, Side::server, 1000);
    RC_ASSERT(decode(damaged, random_cuts(damaged.size()), Side::server, 1000) == whole);
  }
}

RC_GTEST_PROP(AnyBytes, AreJudgedAlikeInOnePieceAndInMany, ()) {
  Side const side = *rc::gen::element(Side::server, Side::client);
  auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  // Most random beginnings fail in their first two bytes, so half of the streams get a good one, and meet the rest
  // later.
  if (!bytes.empty() && *rc::gen::arbitrary<bool>())
    bytes[0] = *rc::gen::element('\x81', '\x82', '\x01', '\x02', '\x88', '\x89', '\x8a');
  if (bytes.size() > 1 && *rc::gen::arbitrary<bool>())
    bytes[1] = static_cast<char>((bytes[1] & 0x7f) | (side == Side::server ? 0x80 : 0));
  auto const whole = decode(bytes, {}, side, 1000);
  RC_ASSERT(decode(bytes, random_cuts(bytes.size()), side, 1000) == whole);
  RC_ASSERT(decode(bytes, test::every_byte(bytes.size()), side, 1000) == whole);
}

/// A hundred thousand streams of garbage from a cheap generator, which RapidCheck would be slow to make. Each has a
/// frame header that may pass, so that the decoder gets deep; the sanitizers watch its reads.
RC_GTEST_PROP(AnyBytes, NeverHarmTheDecoder, ()) {
  auto state = *rc::gen::arbitrary<std::uint64_t>();
  auto const next_random = [&state] {  // splitmix64
    std::uint64_t z = state += 0x9e37'79b9'7f4a'7c15U;
    z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9U;
    z = (z ^ z >> 27) * 0x94d0'49bb'1331'11ebU;
    return z ^ z >> 31;
  };
  constexpr std::string_view kFirsts = "\x81\x82\x01\x02\x80\x88\x89\x8a";
  for (int round = 0; round < 1000; ++round) {
    std::string bytes;
    std::size_t const frames = 1 + next_random() % 6;
    for (std::size_t i = 0; i < frames; ++i) {
      bytes += next_random() % 50 == 0 ? static_cast<char>(next_random()) : kFirsts[next_random() % kFirsts.size()];
      bytes += static_cast<char>(0x80 | (next_random() % 20 == 0 ? next_random() % 128 : next_random() % 12));
      std::size_t const tail = next_random() % 20;
      for (std::size_t n = 0; n < tail; ++n) bytes += static_cast<char>(next_random());
    }
    std::size_t const cut = next_random() % (bytes.size() + 1);
    RC_ASSERT(decode(bytes, {cut}, Side::server, 300) == decode(bytes, {}, Side::server, 300));
  }
}

}  // namespace
}  // namespace tableforge::ws
