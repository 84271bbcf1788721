#include "tableforge/knobs/knobs.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tableforge {
namespace {

TEST(KnobSet, ListsItsMembersInOrderOfDeclaration) {
  struct Two : KnobSet {
    Knob<std::size_t> second{*this, {.name = "zebra", .unit = "", .help = "", .min = 0, .max = 1, .initial = 0}};
    Knob<double> first{*this, {.name = "ape", .unit = "", .help = "", .min = 0, .max = 1, .initial = 0}};
  } const set;
  std::vector<std::string> names;
  set.for_each([&](AnyKnob const &knob) { names.emplace_back(knob.info().name); });
  EXPECT_EQ(names, (std::vector<std::string>{"zebra", "ape"}));
}

TEST(KnobSet, WritesThroughToTheMember) {
  Knobs knobs;
  AnyKnob *const found = knobs.find("poll_newer_ms");
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(found->set_number(750));
  EXPECT_EQ(knobs.poll_newer.get(), std::chrono::milliseconds(750));
  EXPECT_EQ(knobs.find("no_such_knob"), nullptr);
}

TEST(KnobSetDeath, RefusesTheSameNameTwice) {
  struct Twins : KnobSet {
    Knob<double> one{*this, {.name = "twin", .unit = "", .help = "", .min = 0, .max = 1, .initial = 0}};
    Knob<double> two{*this, {.name = "twin", .unit = "", .help = "", .min = 0, .max = 1, .initial = 0}};
  };
  EXPECT_DEATH(Twins(), "invariant");
}

TEST(Knobs, ExplainThemselvesAndBeginWithinBounds) {
  Knobs const knobs;
  std::size_t count = 0;
  knobs.for_each([&](AnyKnob const &knob) {
    KnobInfo const info = knob.info();
    EXPECT_FALSE(info.unit.empty()) << info.name;
    EXPECT_GT(info.help.size(), 20u) << info.name;
    EXPECT_LT(info.min, info.max) << info.name;
    EXPECT_EQ(knob.number(), info.initial) << info.name;
    ++count;
  });
  EXPECT_EQ(count, 23u + 3 * 6);  // 3 classes of cached value.
}

TEST(Knobs, NameTheClassOfCachedValue) {
  Knobs knobs;
  AnyKnob *const found = knobs.find("cache_lobby_page_stale_while_revalidate_ms");
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(found->set_number(0));
  EXPECT_EQ(knobs.cache_lobby_page.stale_while_revalidate.get(), std::chrono::milliseconds(0));
  EXPECT_EQ(&knobs.cache_history_page.bytes_max, knobs.find("cache_history_page_bytes_max"));
}

TEST(Knobs, NameTheUnitWhereTheTypeIsLost) {
  Knobs const knobs;
  knobs.for_each([](AnyKnob const &knob) {
    std::string_view const name = knob.info().name;
    EXPECT_EQ(knob.info().unit == "ms", name.ends_with("_ms")) << name;
    EXPECT_EQ(knob.info().unit == "bytes", name.find("bytes") != std::string_view::npos) << name;
  });
}

}  // namespace
}  // namespace tableforge
