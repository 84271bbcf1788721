#include "load/quantity.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace tableforge::load {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, GroupsDigitsAndKeepsThreeThatCount) {
  EXPECT_EQ(number_words(0), "0");
  EXPECT_EQ(number_words(0.5), "0.5");
  EXPECT_EQ(number_words(0.0052), "0.0052");
  EXPECT_EQ(number_words(12.34), "12.3");
  EXPECT_EQ(number_words(999.6), "1,000");
  EXPECT_EQ(number_words(1'234'567), "1,234,567");
  EXPECT_EQ(number_words(-1'234), "-1,234");
}

TEST(Quantity, ShortensForAxes) {
  EXPECT_EQ(short_number(950), "950");
  EXPECT_EQ(short_number(1'500), "1.5k");
  EXPECT_EQ(short_number(999'600), "1M");
  EXPECT_EQ(short_number(2e6), "2M");
}

TEST(Quantity, NamesDurationsInTheUnitThatFits) {
  EXPECT_EQ(duration_words(0ns), "0");
  EXPECT_EQ(duration_words(850ns), "850 ns");
  EXPECT_EQ(duration_words(85'400ns), "85.4 µs");
  EXPECT_EQ(duration_words(999'900ns), "1 ms");
  EXPECT_EQ(duration_words(1'234us), "1.23 ms");
  EXPECT_EQ(duration_words(61s), "61 s");
}

TEST(Quantity, NamesMemoryAndCores) {
  EXPECT_EQ(bytes_words(512), "512 bytes");
  EXPECT_EQ(bytes_words(1'536'000), "1.54 MB");
  EXPECT_EQ(bytes_words(2e9), "2 GB");
  EXPECT_EQ(cores_words(0.754), "0.75 cores");
  EXPECT_EQ(cores_words(1), "1 core");
}

TEST(Quantity, SaysNothingOfWhatIsNotFinite) {
  EXPECT_EQ(number_words(NAN), "–");
  EXPECT_EQ(short_number(INFINITY), "–");
  EXPECT_EQ(bytes_words(NAN), "–");
  EXPECT_EQ(cores_words(NAN), "–");
}

}  // namespace
}  // namespace tableforge::load
