#include "gateway/token_bucket.hpp"

#include <gtest/gtest.h>

namespace tableforge::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Rate kRate{.per_second = 10, .burst = 3};
TokenBucket::Clock::time_point const kStart{seconds(1'000)};

int taken(TokenBucket &bucket, Rate rate, TokenBucket::Clock::time_point now) {
  int count = 0;
  while (bucket.take(rate, now)) ++count;
  return count;
}

TEST(TokenBucket, LetsABurstPassAndNoMore) {
  TokenBucket bucket;
  EXPECT_EQ(taken(bucket, kRate, kStart), 3);
}

TEST(TokenBucket, FillsAtItsRate) {
  TokenBucket bucket;
  taken(bucket, kRate, kStart);
  EXPECT_EQ(taken(bucket, kRate, kStart + milliseconds(99)), 0);
  EXPECT_EQ(taken(bucket, kRate, kStart + milliseconds(201)), 2);
}

TEST(TokenBucket, HoldsNoMoreThanTheBurst) {
  TokenBucket bucket;
  taken(bucket, kRate, kStart);
  EXPECT_EQ(taken(bucket, kRate, kStart + seconds(3'600)), 3);
}

TEST(TokenBucket, FollowsARateThatChanges) {
  TokenBucket bucket;
  taken(bucket, kRate, kStart);
  EXPECT_EQ(taken(bucket, {.per_second = 1'000, .burst = 50}, kStart + milliseconds(20)), 20);
  EXPECT_EQ(taken(bucket, {.per_second = 1'000, .burst = 2}, kStart + seconds(1)), 2);
}

TEST(TokenBucket, TellsHowLongToWait) {
  TokenBucket bucket;
  taken(bucket, kRate, kStart);
  EXPECT_EQ(bucket.wait(kRate), milliseconds(100));
  ASSERT_FALSE(bucket.take(kRate, kStart + milliseconds(40)));
  EXPECT_EQ(bucket.wait(kRate), milliseconds(60));
  EXPECT_TRUE(bucket.take(kRate, kStart + milliseconds(40) + bucket.wait(kRate)));
}

TEST(TokenBucket, TakesNothingWhenItRefuses) {
  TokenBucket bucket;
  ASSERT_TRUE(bucket.take(kRate, kStart, 2));
  EXPECT_FALSE(bucket.take(kRate, kStart, 2));
  EXPECT_TRUE(bucket.take(kRate, kStart, 1));
}

TEST(TokenBucket, LetsSingleThingsPassThroughASmallBurst) {
  TokenBucket bucket;
  Rate const slow{.per_second = 1, .burst = 0.5};
  EXPECT_TRUE(bucket.take(slow, kStart));
  EXPECT_FALSE(bucket.take(slow, kStart + milliseconds(500)));
  EXPECT_TRUE(bucket.take(slow, kStart + milliseconds(1'001)));
}

TEST(TokenBucket, IsNotDrainedByAnOlderTime) {
  TokenBucket bucket;
  taken(bucket, kRate, kStart);
  EXPECT_FALSE(bucket.take(kRate, kStart - seconds(10)));
  EXPECT_FALSE(bucket.take(kRate, kStart + milliseconds(50)));
  EXPECT_TRUE(bucket.take(kRate, kStart + milliseconds(101)));
}

}  // namespace
}  // namespace tableforge::gateway
