#include "tableforge/base/uuid.hpp"

#include <set>
#include <unordered_set>

#include <gtest/gtest.h>

#include "tableforge/base/ids.hpp"

namespace tableforge {
namespace {

constexpr auto kText = "6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d";

TEST(Uuid, ReadsWhatItWrites) {
  auto const uuid = Uuid::parse(kText);

  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(uuid->text(), kText);
  EXPECT_EQ(uuid->bytes[0], 0x6f);
  EXPECT_EQ(uuid->bytes[15], 0x3d);
  EXPECT_EQ(Uuid().text(), "00000000-0000-0000-0000-000000000000");
}

class BadUuid : public testing::TestWithParam<char const *> {};

TEST_P(BadUuid, IsNone) { EXPECT_EQ(Uuid::parse(GetParam()), std::nullopt); }

INSTANTIATE_TEST_SUITE_P(Texts, BadUuid,
                         testing::Values("", "6f0f8d5e", "6F0F8D5E-2F63-4F6B-9C56-5A0A8C1F2B3D",
                                         "6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3", "6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3dd",
                                         "6f0f8d5e02f63-4f6b-9c56-5a0a8c1f2b3d", "6f0f8d5-e2f63-4f6b-9c56-5a0a8c1f2b3d",
                                         "6f0f8d5g-2f63-4f6b-9c56-5a0a8c1f2b3d", "6f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b -",
                                         "{f0f8d5e-2f63-4f6b-9c56-5a0a8c1f2b3d}"));

TEST(Uuid, RandomOnesAreOfVersionFourAndDiffer) {
  std::set<Uuid> seen;
  for (int i = 0; i < 1'000; ++i) {
    auto const uuid = Uuid::random();
    EXPECT_EQ(uuid.bytes[6] >> 4, 4);
    EXPECT_EQ(uuid.bytes[8] >> 6, 2);
    EXPECT_EQ(Uuid::parse(uuid.text()), uuid);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(Uuid, OrdersAsItsTextDoes) {
  auto const low = *Uuid::parse("00000000-0000-0000-0000-0000000000ff");
  auto const high = *Uuid::parse("01000000-0000-0000-0000-000000000000");

  EXPECT_LT(low, high);
  EXPECT_LT(low.text(), high.text());
}

TEST(Uuid, SpreadsInHashTables) {
  std::unordered_set<std::size_t> hashes;
  for (int i = 0; i < 1'000; ++i) hashes.insert(std::hash<Uuid>{}(Uuid::random()));

  EXPECT_EQ(hashes.size(), 1'000U);
}

TEST(PieceId, IsSixteenDigits) {
  EXPECT_EQ(to_text(PieceId(0)), "0000000000000000");
  EXPECT_EQ(to_text(PieceId(0xfedcba9876543210)), "fedcba9876543210");
  EXPECT_EQ(parse_piece_id("fedcba9876543210"), PieceId(0xfedcba9876543210));
  EXPECT_EQ(parse_piece_id("ffffffffffffffff"), PieceId(0xffffffffffffffff));
}

TEST(PieceId, IsNothingElse) {
  for (auto const *text : {"", "0", "000000000000000", "00000000000000000", "000000000000000G", "FEDCBA9876543210",
                           "0x00000000000000", "-000000000000001", " 000000000000000"}) {
    EXPECT_EQ(parse_piece_id(text), std::nullopt) << text;
  }
}

TEST(Ids, OfDifferentKindsDoNotMix) {
  static_assert(!std::is_convertible_v<SeatId, ZoneId>);
  static_assert(!std::is_convertible_v<PlayerId, TableId>);
  static_assert(!std::is_convertible_v<std::string, SeatId>);
  EXPECT_EQ(SeatId("s1"), SeatId("s1"));
  EXPECT_NE(SeatId("s1"), SeatId("s2"));
  EXPECT_LT(SeatId("s1"), SeatId("s2"));
}

}  // namespace
}  // namespace tableforge
