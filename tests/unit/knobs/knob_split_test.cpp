#include "tableforge/knobs/knob_split.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "tableforge/knobs/knobs.hpp"

namespace tableforge {
namespace {

using namespace std::chrono_literals;

TEST(KnobSplit, IsNothingUntilItIsSet) {
  KnobSplit const split;
  EXPECT_FALSE(split.get());
}

TEST(KnobSplit, TellsByItsGenerationThatItChanged) {
  KnobSplit split;
  auto const before = split.generation();
  split.set({.value = 5, .exposure = {.share = 0.5}});
  EXPECT_NE(split.generation(), before);
  EXPECT_EQ(split.get()->value, 5);
  auto const set = split.generation();
  split.clear();
  EXPECT_NE(split.generation(), set);
  EXPECT_FALSE(split.get());
}

TEST(CacheKnobs, KnowTheLongestLifetimeOfBoth) {
  Knobs knobs;
  auto &page = knobs.cache_lobby_page;
  ASSERT_TRUE(page.ttl.set(2s));
  EXPECT_EQ(page.ttl_longest(), 2s);
  page.ttl_split.set({.value = 3'000, .exposure = {.share = 0.5}});
  EXPECT_EQ(page.ttl_longest(), 3s);
  page.ttl_split.set({.value = 1'000, .exposure = {.share = 0.5}});
  EXPECT_EQ(page.ttl_longest(), 2s);
}

}  // namespace
}  // namespace tableforge
