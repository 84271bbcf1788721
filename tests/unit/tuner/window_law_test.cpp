#include "tableforge/tuner/window_law.hpp"

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

constexpr WindowLaw::Bounds kBounds{.objective_ms = 50, .share = 0.5, .longest_ms = 20};
constexpr WindowLaw::Second kCalm{.answers = 1'000, .p99_ms = 2, .waits = 100, .wait_p99_ms = 20, .turn_p99_ms = 0.5};
constexpr WindowLaw::Second kWaiting{
    .answers = 1'000, .p99_ms = 30, .waits = 100, .wait_p99_ms = 45, .turn_p99_ms = 10};
constexpr WindowLaw::Second kBehind{.answers = 1'000, .p99_ms = 90, .waits = 100, .wait_p99_ms = 20, .turn_p99_ms = 70};

TEST(WindowLaw, AllowsAllFromTheFirstSecondWhileNothingIsWrong) {
  WindowLaw law;
  auto const ruled = law.next(kCalm, kBounds);
  EXPECT_EQ(ruled.allowance_ms, 20);
  EXPECT_EQ(ruled.batch_least, 1);
}

TEST(WindowLaw, AllowsItsShareOfWhatActionsLeave) {
  WindowLaw law;
  EXPECT_NEAR(law.next(kCalm, {.objective_ms = 50, .share = 0.1, .longest_ms = 20}).allowance_ms, 4.8, 1e-9);
  EXPECT_EQ(
      WindowLaw().next({.answers = 10, .p99_ms = 2}, {.objective_ms = 2, .share = 0.5, .longest_ms = 20}).allowance_ms,
      0);
}

TEST(WindowLaw, HalvesWhatWaitsIfWaitingIsMostOfIt) {
  WindowLaw law;
  EXPECT_EQ(law.next(kWaiting, kBounds).allowance_ms, 10);
  EXPECT_EQ(law.next(kWaiting, kBounds).allowance_ms, 5);
  for (int i = 0; i < 5; ++i) static_cast<void>(law.next(kWaiting, kBounds));
  EXPECT_EQ(law.next(kWaiting, kBounds).allowance_ms, 0);
}

TEST(WindowLaw, GrowsByHalfAMillisecondASecondUntilAllIsAllowed) {
  WindowLaw law;
  static_cast<void>(law.next(kWaiting, kBounds));
  EXPECT_EQ(law.next(kCalm, kBounds).allowance_ms, 10.5);
  for (int i = 0; i < 18; ++i) static_cast<void>(law.next(kCalm, kBounds));
  EXPECT_EQ(law.next(kCalm, kBounds).allowance_ms, 20);
  EXPECT_EQ(law.next(kCalm, kBounds).allowance_ms, 20);
}

TEST(WindowLaw, GathersMoreAndWaitsNoLessIfTheThreadsAreBehind) {
  WindowLaw law;
  static_cast<void>(law.next(kCalm, kBounds));
  auto ruled = law.next(kBehind, kBounds);
  EXPECT_EQ(ruled.batch_least, 2);
  EXPECT_EQ(ruled.allowance_ms, 20) << "fewer writes, not more";
  for (int i = 0; i < 9; ++i) ruled = law.next(kBehind, kBounds);
  EXPECT_EQ(ruled.batch_least, 16);
  for (int i = 0; i < 4; ++i) ruled = law.next(kCalm, kBounds);
  EXPECT_EQ(ruled.batch_least, 1);
}

TEST(WindowLaw, TakesNoOverloadForTheBaseline) {
  WindowLaw law;
  static_cast<void>(law.next(kCalm, kBounds));
  for (int i = 0; i < 100; ++i) static_cast<void>(law.next(kBehind, kBounds));
  EXPECT_EQ(law.next(kCalm, kBounds).allowance_ms, 20);
}

}  // namespace
}  // namespace tableforge::tuner
