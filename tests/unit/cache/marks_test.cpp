#include "tableforge/cache/marks.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace tableforge::cache {
namespace {

TEST(Marks, RememberTheHighestVersion) {
  Marks marks;
  EXPECT_EQ(marks.of(5), 0);
  marks.mark(5, 7);
  marks.mark(5, 3);
  EXPECT_EQ(marks.of(5), 7);
  EXPECT_EQ(marks.of(5 + Marks::kMarksMax), 0) << "another key of the same bucket";
}

TEST(Marks, RememberTheLatestOfThem) {
  Marks marks;
  for (std::uint64_t hash = 1; hash <= 3 * Marks::kMarksMax; ++hash) marks.mark(hash * 977, hash);
  for (std::uint64_t hash = 2 * Marks::kMarksMax + 1; hash <= 3 * Marks::kMarksMax; ++hash) {
    ASSERT_EQ(marks.of(hash * 977), hash);
  }
  EXPECT_EQ(marks.of(2 * Marks::kMarksMax * 977), 0);
}

TEST(Marks, AreNotForgottenEarlyBecauseTheyWereFirstMadeLongAgo) {
  Marks marks;
  marks.mark(1, 1);
  std::uint64_t others = 0;
  for (std::size_t i = 0; i < Marks::kMarksMax / 2 + 1; ++i) marks.mark(1000 + ++others, 1);
  marks.mark(1, 2);
  for (std::size_t i = 0; i < Marks::kMarksMax / 2; ++i) marks.mark(1000 + ++others, 1);
  EXPECT_EQ(marks.of(1), 2);
}

TEST(Marks, OfOneBusyKeyPushNobodyOut) {
  Marks marks;
  marks.mark(1, 1);
  for (Version version = 1; version <= 10 * Marks::kMarksMax; ++version) marks.mark(2, version);
  EXPECT_EQ(marks.of(1), 1);
  EXPECT_EQ(marks.of(2), 10 * Marks::kMarksMax);
}

}  // namespace
}  // namespace tableforge::cache
