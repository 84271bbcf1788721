#include "cache/record.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNever = kPayloadBytesMax + 1;

Record a_value(std::string payload) {
  return {.version = 0x0102030405060708,
          .filled_at = Time(1'700'000'000'123'456us),
          .load_cost = 4'321us,
          .payload = std::move(payload)};
}

TEST(Record, ComesBackAsItWas) {
  for (auto const &record : {a_value("hello"), a_value(""), a_value(std::string(100'000, 'x')),
                             a_value(std::string("\0\xff", 2)), Record{.kind = Record::Kind::negative, .version = 7},
                             Record{.kind = Record::Kind::tombstone, .version = ~0ULL, .filled_at = Time::max()}}) {
    EXPECT_EQ(decode_record(encode_record(record, 1'000)), record);
    EXPECT_EQ(decode_record(encode_record(record, kNever)), record);
  }
}

TEST(Record, IsCompressedOnlyFromItsSizeOnAndIfItPays) {
  EXPECT_LT(encode_record(a_value(std::string(1'000, 'x')), 1'000).size(), 200u);
  EXPECT_EQ(encode_record(a_value(std::string(999, 'x')), 1'000).size(), 999 + kRecordHeadBytes);
  std::string noise;
  for (unsigned i = 0, state = 1; i < 2'000; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    noise += static_cast<char>(state >> 24);
  }
  EXPECT_EQ(encode_record(a_value(noise), 1'000).size(), noise.size() + kRecordHeadBytes);
}

TEST(Record, IsNotReadFromATruncatedOne) {
  for (std::size_t const compress_from : {std::size_t{1}, kNever}) {
    std::string const bytes = encode_record(a_value(std::string(300, 'x') + "tail"), compress_from);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_record(std::string_view(bytes).substr(0, size))) << size;
    }
    EXPECT_FALSE(decode_record(bytes + "x"));
  }
}

TEST(Record, IsNotReadWithAnyBitChanged) {
  for (std::size_t const compress_from : {std::size_t{1}, kNever}) {
    std::string const bytes = encode_record(a_value(std::string(80, 'x')), compress_from);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string broken = bytes;
      broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(decode_record(broken)) << bit;
    }
  }
}

RC_GTEST_PROP(Record, IsNotReadFromGarbage, (std::string const &garbage)) {
  RC_ASSERT(!decode_record(garbage));
  RC_ASSERT(!decode_record("TF\x01" + garbage));
}

TEST(Record, SaturatesACostThatDoesNotFit) {
  Record record = a_value("");
  record.load_cost = 2h;
  EXPECT_EQ(decode_record(encode_record(record, kNever))->load_cost, 4'294'967'295us);
}

TEST(RecordHead, TellsWhatAScriptAnswers) {
  auto const value = decode_head(encode_record(a_value("hello"), kNever));
  ASSERT_TRUE(value);
  EXPECT_FALSE(value->is_tombstone);
  EXPECT_EQ(value->version, 0x0102030405060708u);
  EXPECT_TRUE(decode_head(encode_record({.kind = Record::Kind::tombstone, .version = 3}, kNever))->is_tombstone);
  EXPECT_FALSE(decode_head("TF\x01 too short"));
}

}  // namespace
}  // namespace tableforge::cache
