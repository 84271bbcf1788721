#include "tableforge/knobs/knob.hpp"

#include <chrono>
#include <limits>

#include <gtest/gtest.h>

namespace tableforge {
namespace {

using namespace std::chrono_literals;

Knob<std::size_t> a_count() {
  return Knob<std::size_t>({.name = "count", .unit = "things", .help = "", .min = 10, .max = 100, .initial = 50});
}

TEST(Knob, BeginsWithItsInitialValue) { EXPECT_EQ(a_count().get(), 50u); }

TEST(Knob, TakesBothBoundsAndNothingBeyond) {
  auto knob = a_count();
  EXPECT_TRUE(knob.set(10));
  EXPECT_TRUE(knob.set(100));
  ASSERT_FALSE(knob.set(101));
  EXPECT_EQ(knob.set(9).error().code, Errc::invalid);
  EXPECT_EQ(knob.get(), 100u);
}

TEST(Knob, TakesWholeNumbersOnlyWhereItCounts) {
  auto knob = a_count();
  EXPECT_TRUE(knob.set_number(20.0));
  EXPECT_FALSE(knob.set_number(20.5));
  EXPECT_FALSE(knob.set_number(-1.0));
  EXPECT_FALSE(knob.set_number(1e300));
  EXPECT_FALSE(knob.set_number(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(knob.number(), 20.0);
}

TEST(Knob, TakesFractionsWhereItMeasures) {
  Knob<double> knob({.name = "ratio", .unit = "", .help = "", .min = 0.5, .max = 2.0, .initial = 1.0});
  EXPECT_TRUE(knob.set_number(1.25));
  EXPECT_EQ(knob.get(), 1.25);
  EXPECT_FALSE(knob.set(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(knob.set(2.5));
  EXPECT_EQ(knob.get(), 1.25);
}

TEST(Knob, CountsDurationsInItsOwnUnit) {
  Knob<std::chrono::microseconds> micros(
      {.name = "a", .unit = "us", .help = "", .min = 0, .max = 20'000, .initial = 5});
  Knob<std::chrono::milliseconds> millis(
      {.name = "b", .unit = "ms", .help = "", .min = 1, .max = 20'000, .initial = 5});
  EXPECT_EQ(micros.get(), 5us);
  EXPECT_TRUE(micros.set(20ms));
  EXPECT_EQ(micros.number(), 20'000.0);
  EXPECT_TRUE(millis.set_number(250));
  EXPECT_EQ(millis.get(), 250ms);
}

TEST(KnobDeath, RefusesToBeginOutOfItsBounds) {
  EXPECT_DEATH(Knob<std::size_t>({.name = "x", .unit = "", .help = "", .min = 1, .max = 2, .initial = 3}), "invariant");
}

}  // namespace
}  // namespace tableforge
