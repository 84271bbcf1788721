#include "load/sequence.hpp"

#include <gtest/gtest.h>

namespace tableforge::load {
namespace {

TEST(Sequence, FindsNothingInOneThatIsWhole) {
  Sequence sequence(7);
  for (std::uint64_t number = 8; number < 20; ++number) {
    auto const found = sequence.take(number);
    EXPECT_EQ(found.missing, 0U);
    EXPECT_FALSE(found.late);
    EXPECT_FALSE(found.doubled);
  }
  EXPECT_EQ(sequence.last(), 19U);
}

TEST(Sequence, CountsWhatWasSkipped) {
  Sequence sequence;
  sequence.take(1);
  EXPECT_EQ(sequence.take(5).missing, 3U);
  EXPECT_EQ(sequence.take(6).missing, 0U);
}

TEST(Sequence, TellsALateOneFromADoubledOne) {
  Sequence sequence;
  sequence.take(1);
  sequence.take(5);
  EXPECT_TRUE(sequence.take(3).late);
  EXPECT_TRUE(sequence.take(3).doubled);
  EXPECT_TRUE(sequence.take(2).late);
  EXPECT_TRUE(sequence.take(4).late);
  EXPECT_TRUE(sequence.take(4).doubled);
  EXPECT_TRUE(sequence.take(5).doubled);
}

TEST(Sequence, GoesOnFromWhereItIsSet) {
  Sequence sequence;
  sequence.take(1);
  sequence.jump(100);
  EXPECT_EQ(sequence.take(101).missing, 0U);
  EXPECT_TRUE(sequence.take(50).doubled);
}

}  // namespace
}  // namespace tableforge::load
