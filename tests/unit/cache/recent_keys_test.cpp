#include "tableforge/cache/recent_keys.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::cache {
namespace {

using Found = RecentKeys::Found;

std::uint64_t numbered_hash(std::uint64_t key) { return StableHash().add(key).value(); }

/// How many of the keys in [begin, end) that are followed are found.
double share_found(RecentKeys &keys, std::uint64_t begin, std::uint64_t end) {
  double followed = 0;
  double recent = 0;
  for (auto key = begin; key < end; ++key) {
    auto const found = keys.ask(numbered_hash(key));
    if (found == Found::not_followed) continue;
    ++followed;
    recent += found == Found::recent ? 1 : 0;
  }
  return recent / followed;
}

class RecentKeysOf : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RecentKeysOf, FindsWhatLruWouldHold) {
  auto const entries = GetParam();
  RecentKeys keys;
  keys.make_for(entries);
  EXPECT_LT(share_found(keys, 0, 3 * entries), 0.01);
  EXPECT_GT(share_found(keys, 3 * entries - entries / 2, 3 * entries), 0.9);
}

TEST_P(RecentKeysOf, DoesNotFindWhatLruWouldHaveEvicted) {
  auto const entries = GetParam();
  RecentKeys keys;
  keys.make_for(entries);
  for (int round = 0; round < 4; ++round) EXPECT_LT(share_found(keys, 0, entries * 3 / 2), 0.02);
}

INSTANTIATE_TEST_SUITE_P(Entries, RecentKeysOf, testing::Values(500, 2000, 100'000), testing::PrintToStringParamName());

TEST(RecentKeys, FollowsAllOfASmallCacheAndFewOfALargeOne) {
  RecentKeys keys;
  keys.make_for(2000);
  EXPECT_EQ(keys.stands_for(), 1);
  keys.make_for(1'000'000);
  EXPECT_EQ(keys.stands_for(), 512);
}

}  // namespace
}  // namespace tableforge::cache
