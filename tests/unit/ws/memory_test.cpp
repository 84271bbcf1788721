#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tableforge/ws/decoder.hpp"

#include "unit/ws/stream.hpp"

namespace {
// How many blocks of the heap are in use and have ever been. The tests here are single-threaded.
long blocks_in_use = 0;
long blocks_ever = 0;
}  // namespace

void *operator new(std::size_t size) {
  void *const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  ++blocks_in_use;
  ++blocks_ever;
  return block;
}
void operator delete(void *block) noexcept {
  if (block != nullptr) --blocks_in_use;
  std::free(block);
}
void operator delete(void *block, std::size_t) noexcept { operator delete(block); }

namespace tableforge::ws {
namespace {

using test::frame;

/// Hands over the whole of `stream` and asks for the first step only.
Step first_step(Decoder &decoder, std::string &stream) {
  std::span<char> input(stream);
  return decoder.next(input);
}

TEST(DecoderMemory, WholeMessagesTakeNone) {
  std::string stream = frame(0x81, std::string(5000, 'x')) + frame(0x89, "ping") + frame(0x82, "binary");
  long const before = blocks_ever;
  Decoder decoder(Side::server, test::kMessageBytesMax);
  std::span<char> input(stream);
  int found = 0;
  while (decoder.next(input).kind != Step::Kind::need_more) ++found;
  EXPECT_EQ(found, 3);
  EXPECT_EQ(blocks_ever, before);
}

TEST(DecoderMemory, ACutHeaderTakesNone) {
  std::string stream = frame(0x82, std::string(70'000, 'x')).substr(0, 13);
  long const before = blocks_ever;
  Decoder decoder(Side::server, test::kMessageBytesMax);
  EXPECT_EQ(first_step(decoder, stream).kind, Step::Kind::need_more);
  EXPECT_EQ(blocks_ever, before);
}

TEST(DecoderMemory, IsGivenBackAfterACutMessage) {
  std::string const stream = frame(0x81, std::string(5000, 'x'));
  std::string head = stream.substr(0, 3000);
  std::string tail = stream.substr(3000);
  long const before = blocks_in_use;
  Decoder decoder(Side::server, test::kMessageBytesMax);
  EXPECT_EQ(first_step(decoder, head).kind, Step::Kind::need_more);
  EXPECT_GT(blocks_in_use, before);
  std::span<char> input(tail);
  EXPECT_EQ(decoder.next(input).kind, Step::Kind::text);
  EXPECT_EQ(decoder.next(input).kind, Step::Kind::need_more);
  EXPECT_EQ(blocks_in_use, before);
}

TEST(DecoderMemory, IsGivenBackAfterACutPing) {
  std::string const stream = frame(0x89, "ping");
  std::string head = stream.substr(0, 8);
  std::string tail = stream.substr(8);
  long const before = blocks_in_use;
  Decoder decoder(Side::server, test::kMessageBytesMax);
  EXPECT_EQ(first_step(decoder, head).kind, Step::Kind::need_more);
  std::span<char> input(tail);
  EXPECT_EQ(decoder.next(input).kind, Step::Kind::ping);
  EXPECT_EQ(decoder.next(input).kind, Step::Kind::need_more);
  EXPECT_EQ(blocks_in_use, before);
}

TEST(DecoderMemory, IsGivenBackAtOnceOnAnError) {
  std::string stream = frame(0x01, std::string(5000, 'x')) + frame(0x81, "not a continuation");
  long const before = blocks_in_use;
  Decoder decoder(Side::server, test::kMessageBytesMax);
  EXPECT_EQ(first_step(decoder, stream).kind, Step::Kind::error);
  EXPECT_EQ(blocks_in_use, before);
}

}  // namespace
}  // namespace tableforge::ws
