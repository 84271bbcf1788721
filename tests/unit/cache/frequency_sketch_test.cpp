#include "tableforge/cache/frequency_sketch.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::cache {
namespace {

std::uint64_t hash_of(std::uint64_t key) { return StableHash().add(key).value(); }

TEST(FrequencySketch, CountsUpToFifteen) {
  FrequencySketch sketch;
  for (unsigned times = 1; times <= 20; ++times) {
    sketch.count(hash_of(1));
    EXPECT_EQ(sketch.estimate(hash_of(1)), std::min(times, FrequencySketch::kCountMax));
  }
}

TEST(FrequencySketch, MostlyKnowsThatSomethingWasNeverSeen) {
  FrequencySketch sketch;
  sketch.make_for(1000);
  for (std::uint64_t key = 0; key < 1000; ++key) sketch.count(hash_of(key));
  int mistaken = 0;
  for (std::uint64_t key = 1000; key < 11'000; ++key) mistaken += sketch.estimate(hash_of(key)) > 0 ? 1 : 0;
  EXPECT_LT(mistaken, 100);
}

TEST(FrequencySketch, HalvesWhenTenTimesAsManyWereCounted) {
  FrequencySketch sketch;
  sketch.make_for(100);
  for (int i = 0; i < 12; ++i) sketch.count(hash_of(0));
  for (std::uint64_t key = 1; key <= 987; ++key) sketch.count(hash_of(key));
  EXPECT_GE(sketch.estimate(hash_of(0)), 12);
  for (std::uint64_t key = 988; key <= 1000; ++key) sketch.count(hash_of(key));
  EXPECT_LT(sketch.estimate(hash_of(0)), 9);
}

TEST(FrequencySketch, KeepsItsEstimatesWhenItGrows) {
  FrequencySketch sketch;
  for (int i = 0; i < 7; ++i) sketch.count(hash_of(1));
  auto const other = sketch.estimate(hash_of(2));
  sketch.make_for(10'000);
  EXPECT_EQ(sketch.estimate(hash_of(1)), 7);
  EXPECT_EQ(sketch.estimate(hash_of(2)), other);
  EXPECT_GE(sketch.bytes(), 80'000);
}

TEST(FrequencySketch, ShrinksAgainAndNeverEstimatesTooLittle) {
  FrequencySketch sketch;
  sketch.make_for(10'000);
  auto const large = sketch.bytes();
  sketch.make_for(100);
  for (int round = 0; round < 10; ++round) {
    for (std::uint64_t key = 0; key < 1000; ++key) sketch.count(hash_of(key));
  }
  for (int i = 0; i < 6; ++i) sketch.count(hash_of(5000));
  EXPECT_LT(sketch.bytes(), large / 8);
  EXPECT_GE(sketch.estimate(hash_of(5000)), 6);
}

TEST(FrequencySketch, HalvesWhatItKnowsAndNoMoreWhenItShrinks) {
  FrequencySketch sketch;
  sketch.make_for(10'000);
  auto const large = sketch.bytes();
  for (int times = 0; times < 8; ++times) {
    for (std::uint64_t key = 0; key < 50; ++key) sketch.count(hash_of(key));
  }
  sketch.make_for(100);
  for (std::uint64_t key = 50; key < 650; ++key) sketch.count(hash_of(key));
  ASSERT_EQ(sketch.bytes(), large / 2);
  for (std::uint64_t key = 0; key < 50; ++key) EXPECT_GE(sketch.estimate(hash_of(key)), 4) << key;
}

}  // namespace
}  // namespace tableforge::cache
