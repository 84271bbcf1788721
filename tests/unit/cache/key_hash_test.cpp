#include "cache/key_hash.hpp"

#include <bit>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace tableforge::cache {
namespace {

TEST(KeyHash, TellsApartKeysOfEveryLength) {
  std::set<std::uint64_t> seen;
  KeyHash const hash(1);
  std::size_t keys = 0;
  for (std::size_t length = 0; length <= 70; ++length) {
    for (char const letter : {'\0', 'a'}) {
      if (length == 0 && letter == 'a') continue;
      seen.insert(hash(std::string(length, letter)));
      ++keys;
    }
  }
  EXPECT_EQ(seen.size(), keys);
}

TEST(KeyHash, ChangesHalfOfItsBitsWithAnyBitOfTheKey) {
  KeyHash const hash(7);
  std::string const key = "history_page:0190b3c4-7f00-7abc-8def-0123456789ab";
  int changed = 0;
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    auto other = key;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    auto const differing = std::popcount(hash(key) ^ hash(other));
    EXPECT_GE(differing, 12) << bit;
    changed += differing;
  }
  EXPECT_NEAR(static_cast<double>(changed) / static_cast<double>(key.size() * 8), 32, 1);
}

TEST(KeyHash, SpreadsKeysThatCountUp) {
  KeyHash const hash(3);
  std::vector<int> buckets(256);
  for (int i = 0; i < 25'600; ++i) ++buckets[hash("key:" + std::to_string(i)) & 255];
  double chi_squared = 0;
  for (auto const count : buckets) chi_squared += (count - 100) * (count - 100) / 100.0;
  EXPECT_LT(chi_squared, 255 + 5 * 22.6);  // Five standard deviations.
}

TEST(KeyHash, DependsOnItsSeed) { EXPECT_NE(KeyHash(1)("a key"), KeyHash(2)("a key")); }

}  // namespace
}  // namespace tableforge::cache
