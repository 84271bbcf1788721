#include "tableforge/cache/past_keys.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::cache {
namespace {

constexpr std::size_t kUnbounded = static_cast<std::size_t>(-1);

std::uint64_t hash_of(std::uint64_t key) { return StableHash().add(key).value(); }

void put(PastKeys &keys, std::uint64_t key, ReuseTimes::Time now) {
  keys.place_for(hash_of(key), now) = {.asked_at = now, .tag = PastKeys::tag_of(hash_of(key)), .count = 1, .kind = 1};
}

std::size_t found(PastKeys &keys, std::uint64_t begin, std::uint64_t end) {
  std::size_t count = 0;
  for (auto key = begin; key < end; ++key) count += keys.find(hash_of(key)) != nullptr ? 1 : 0;
  return count;
}

TEST(PastKeys, KnowWhatWasPutAndWhen) {
  PastKeys keys;
  put(keys, 1, 17);
  ASSERT_NE(keys.find(hash_of(1)), nullptr);
  EXPECT_EQ(keys.find(hash_of(1))->asked_at, 17);
  EXPECT_EQ(keys.find(hash_of(2)), nullptr);
}

TEST(PastKeys, GiveAKeyThePlaceItHas) {
  PastKeys keys;
  put(keys, 1, 1);
  put(keys, 1, 2);
  EXPECT_EQ(std::ranges::count_if(keys.places(), &KeyPast::known), 1);
}

TEST(PastKeys, ForgetWhatWasNotAskedForLongest) {
  PastKeys keys;
  keys.make_for(1000, kUnbounded);
  auto const places = keys.places().size();
  for (std::uint64_t key = 0; key < 3 * places; ++key) put(keys, key, static_cast<ReuseTimes::Time>(key));
  EXPECT_GT(found(keys, 3 * places - places / 2, 3 * places), places / 2 * 95 / 100);
  EXPECT_LT(found(keys, 0, places), places / 20);
}

TEST(PastKeys, TellWhatIsForgottenForAnother) {
  PastKeys keys;
  auto const places = keys.places().size();
  std::size_t forgotten = 0;
  for (std::uint64_t key = 0; key < 10 * places; ++key) {
    auto const now = static_cast<ReuseTimes::Time>(key);
    forgotten += keys.place_for(hash_of(key), now).known() ? 1 : 0;
    put(keys, key, now);
  }
  auto const kept = static_cast<std::size_t>(std::ranges::count_if(keys.places(), &KeyPast::known));
  EXPECT_EQ(forgotten + kept, 10 * places);
}

TEST(PastKeys, AgeAcrossTheEndOfTime) {
  PastKeys keys;
  ReuseTimes::Time now = 0xffff'ff00;
  auto const places = keys.places().size();
  for (std::uint64_t key = 0; key < 10 * places; ++key) put(keys, key, now += 4);
  EXPECT_GT(found(keys, 10 * places - places / 4, 10 * places), places / 4 * 9 / 10);
}

TEST(PastKeys, RememberLongerWhereThereIsRoom) {
  auto const bytes_for = [](std::size_t entries, std::size_t bytes_max) {
    PastKeys keys;
    keys.make_for(entries, bytes_max);
    return keys.places().size_bytes();
  };
  EXPECT_EQ(bytes_for(1000, kUnbounded), 64 * 1024);
  EXPECT_EQ(bytes_for(1000, 60 * 1024), 32 * 1024);
  EXPECT_EQ(bytes_for(1000, 1024), 8 * 1024) << "as many as there are entries";
  EXPECT_EQ(bytes_for(100'000, 1024 * 1024), 8 * 131'072);
  EXPECT_EQ(bytes_for(1, kUnbounded), 64 * 64);
}

TEST(PastKeys, TakeNoMoreThanABoundThatFell) {
  PastKeys keys;
  keys.make_for(1000, 64 * 1024);
  keys.make_for(1000, 32 * 1024);
  EXPECT_EQ(keys.places().size_bytes(), 32 * 1024);
}

TEST(PastKeys, OutliveASizeThatSwings) {
  PastKeys keys;
  keys.make_for(100'000, kUnbounded);
  put(keys, 1, 1);
  keys.make_for(60'000, kUnbounded);
  keys.make_for(120'000, kUnbounded);
  EXPECT_NE(keys.find(hash_of(1)), nullptr);
  keys.make_for(1000, kUnbounded);
  EXPECT_EQ(keys.find(hash_of(1)), nullptr) << "it needs an eighth";
}

}  // namespace
}  // namespace tableforge::cache
