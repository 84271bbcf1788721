#include "tableforge/tuner/heavy_keys.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tableforge/metrics/access_filter.hpp"

namespace tableforge::tuner {
namespace {

bool contains(std::vector<std::uint64_t> const &hashes, std::uint64_t hash) {
  return std::ranges::find(hashes, hash) != hashes.end();
}

TEST(HeavyKeys, FindsWhatIsAskedForMostAmongManyThings) {
  HeavyKeys keys;
  std::mt19937_64 random(1);
  for (int i = 0; i < 50'000; ++i) keys.offer(i % 4 == 0 ? 1 + random() % 30 : 1000 + random() % 100'000);
  auto const top = keys.take_top();
  EXPECT_EQ(top.size(), HeavyKeys::kTop);
  for (std::uint64_t hash = 1; hash <= 30; ++hash) {
    EXPECT_LT(std::ranges::find(top, hash) - top.begin(), 30) << hash;
  }
}

TEST(HeavyKeys, ForgetsWhatIsNoLongerAskedFor) {
  HeavyKeys keys;
  for (int i = 0; i < 1000; ++i) keys.offer(7);
  auto const others_are_offered = [&] {
    for (std::uint64_t i = 0; i < 6'400; ++i) keys.offer(1000 + i % 64);
  };
  EXPECT_TRUE(contains(keys.take_top(), 7));
  others_are_offered();
  EXPECT_TRUE(contains(keys.take_top(), 7));
  for (int epoch = 0; epoch < 4; ++epoch) {
    others_are_offered();
    EXPECT_EQ(keys.take_top().size(), HeavyKeys::kTop);
  }
  EXPECT_FALSE(contains(keys.take_top(), 7));
}

TEST(AccessFilter, LetsThroughOneKeyInSixteenAndTheHotOnes) {
  metrics::AccessFilter filter;
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> hot;
  for (int i = 0; i < 64; ++i) hot.push_back(random() | 1);
  filter.set_hot(hot);
  for (std::uint64_t const hash : hot) EXPECT_TRUE(filter.wants(hash) || filter.take_turn());
  int sampled = 0;
  int others = 0;
  constexpr int kKeys = 100'000;
  for (int i = 0; i < kKeys; ++i) {
    auto const hash = random();
    sampled += metrics::AccessFilter::is_sampled(hash);
    others += !metrics::AccessFilter::is_sampled(hash) && filter.may_be_hot(hash);
  }
  EXPECT_NEAR(sampled, kKeys / 16, 300);
  EXPECT_LT(others, kKeys * 2 / 100);
}

TEST(AccessFilter, TakesOneTurnInSixtyFourWhoeverAsks) {
  metrics::AccessFilter filter;
  int turns = 0;
  int of_one_key = 0;
  constexpr int kAsked = 640'000;
  for (int i = 0; i < kAsked; ++i) {
    // In a circle of 64 keys, none of which is sampled or hot.
    auto const key = static_cast<std::uint64_t>(i % 64);
    if (!filter.wants(key * 16 + 1) || !filter.take_turn()) continue;
    ++turns;
    of_one_key += key == 5;
  }
  EXPECT_NEAR(turns, kAsked / 64, 300);
  EXPECT_NEAR(of_one_key, kAsked / 64 / 64, 60);
}

}  // namespace
}  // namespace tableforge::tuner
