#include "config/read_value.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace tableforge::config {
namespace {

using namespace std::chrono_literals;

TEST(ReadValue, TakesWholeNumbersAndNothingElse) {
  EXPECT_EQ(read_number<std::uint16_t>("65535"), 65'535);
  for (char const *text : {"65536", "-1", "+1", "", " 1", "1 ", "0x1", "1.0"}) {
    EXPECT_EQ(read_number<std::uint16_t>(text), std::nullopt) << text;
  }
}

TEST(ReadValue, TakesDurationsWithTheirUnit) {
  EXPECT_EQ(read_duration("500ms"), 500ms);
  EXPECT_EQ(read_duration("20s"), 20s);
  EXPECT_EQ(read_duration("5m"), 5min);
  for (char const *text : {"20", "s", "", "1h", "1.5s", "-1s", "20 s", "99999999999999999999s"}) {
    EXPECT_EQ(read_duration(text), std::nullopt) << text;
  }
}

TEST(ReadValue, TakesTheUsualWordsForSwitches) {
  EXPECT_EQ(read_switch("on"), true);
  EXPECT_EQ(read_switch("0"), false);
  EXPECT_EQ(read_switch("maybe"), std::nullopt);
}

}  // namespace
}  // namespace tableforge::config
