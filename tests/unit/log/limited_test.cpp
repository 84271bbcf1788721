#include "tableforge/log/limited.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tableforge::log {
namespace {

using namespace std::chrono_literals;

TEST(Limited, AdmitsOnePerIntervalAndCountsTheRest) {
  Limited limited(1s);
  Limited::Clock::time_point const start{1000s};
  EXPECT_EQ(limited.admit(start), 0u);
  EXPECT_EQ(limited.admit(start + 1ms), std::nullopt);
  EXPECT_EQ(limited.admit(start + 999ms), std::nullopt);
  EXPECT_EQ(limited.admit(start + 1s), 2u);
  EXPECT_EQ(limited.admit(start + 2s), 0u);
}

TEST(Limited, SaysHowManyItSwallowed) {
  std::vector<std::string> lines;
  init({.sink = [&](std::string_view line) { lines.emplace_back(line); }});
  Limited limited(0s);  // Always admits, so only what admit() swallowed by hand is pending.
  Limited::Clock::time_point const future = Limited::Clock::now() - 1h;
  ASSERT_TRUE(limited.admit(future));
  ASSERT_FALSE(limited.admit(future - 1s));
  limited.warn("often", {{"a", 1}});
  init({});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("often a=1 suppressed=1"), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace tableforge::log
