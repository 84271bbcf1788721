#include "tableforge/cache/reuse_times.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace tableforge::cache {
namespace {

constexpr std::size_t kEntries = 1024;

ReuseTimes times_for(std::size_t entries) {
  ReuseTimes times;
  times.make_for(entries);
  return times;
}

/// `keys` of the kind wait until `age` and are asked for again then, or not.
void wait(ReuseTimes &times, ReuseTimes::Kind kind, ReuseTimes::Time age, bool asked, int keys = 1000) {
  times.waited(kind, 0, age, static_cast<float>(keys));
  for (int i = 0; asked && i < keys; ++i) times.asked_again(kind, age);
}

TEST(ReuseTimes, FindTheYoungestWorthMostUntilTheyHaveLearnt) {
  auto const times = times_for(kEntries);
  auto const kind = ReuseTimes::kind_of_new(1);
  EXPECT_GT(times.worth(kind, 0), times.worth(kind, 1000));
  EXPECT_GT(times.worth(kind, 1000), times.worth(kind, 10'000));
  EXPECT_GT(times.worth(kind, 10'000), times.worth(ReuseTimes::kind_of_new(0), 0)) << "which nobody asked for";
}

TEST(ReuseTimes, FindTheSameWorthAtAllAgesOfWhatHasNoMemory) {
  auto times = times_for(kEntries);
  auto const kind = ReuseTimes::kind_of_new(1);
  std::mt19937_64 random(1);
  std::exponential_distribution<double> gap(1.0 / 500);
  for (int i = 0; i < 100'000; ++i) wait(times, kind, static_cast<ReuseTimes::Time>(std::ceil(gap(random))), true, 1);
  times.learn(1);
  for (ReuseTimes::Time const age : {0U, 10U, 100U, 500U, 1000U})
    EXPECT_NEAR(times.worth(kind, age) * 500, 1, 0.1) << age;
}

TEST(ReuseTimes, FindWhatComesBackSoonOrNeverWorthLessWithAge) {
  auto times = times_for(kEntries);
  auto const kind = ReuseTimes::kind_of_new(1);
  wait(times, kind, 100, true);
  wait(times, kind, 20'000, false);
  times.learn(1);
  EXPECT_GT(times.worth(kind, 0), 0.0035F);  // One of two after 100, if given up then: 0.5 / 100.
  EXPECT_LT(times.worth(kind, 0), 0.006F);
  EXPECT_GT(times.worth(kind, 90), times.worth(kind, 0)) << "it is nearly there";
  EXPECT_LT(times.worth(kind, 200), times.worth(kind, 0) / 10);
}

TEST(ReuseTimes, FindWhatGoesRoundWorthMoreWithAge) {
  auto times = times_for(kEntries);
  auto const kind = ReuseTimes::kind_of_new(1);
  wait(times, kind, 2048, true);
  times.learn(1);
  EXPECT_NEAR(times.worth(kind, 0) * 2048, 1, 0.25);
  EXPECT_GT(times.worth(kind, 1024), times.worth(kind, 0) * 1.5F);
  EXPECT_GT(times.worth(kind, 1900), times.worth(kind, 1024) * 2);
}

TEST(ReuseTimes, TellKindsApartByHowOftenAndByTheLastGap) {
  auto times = times_for(kEntries);
  auto const seldom = ReuseTimes::kind_of_new(1);
  auto const often = times.kind_of(9, 100);
  auto const slow = times.kind_of(9, 3000);
  wait(times, seldom, 10'000, false);
  wait(times, often, 100, true);
  wait(times, slow, 2000, true);
  times.learn(1);
  EXPECT_GT(times.worth(often, 0), times.worth(slow, 0) * 10);
  EXPECT_GT(times.worth(slow, 0), times.worth(seldom, 0) * 10);
}

TEST(ReuseTimes, TakeAKindThatIsNewToThemForOneAskedForAsOften) {
  auto times = times_for(kEntries);
  wait(times, times.kind_of(9, 100), 100, true);
  wait(times, times.kind_of(2, 100), 10'000, false);
  times.learn(1);
  EXPECT_GT(times.worth(times.kind_of(8, 3000), 0), times.worth(times.kind_of(3, 3000), 0) * 10);
}

TEST(ReuseTimes, ForgetWithTime) {
  auto times = times_for(kEntries);
  auto const kind = ReuseTimes::kind_of_new(1);
  wait(times, kind, 100, true);
  for (int i = 0; i < 20; ++i) {
    times.learn(0.5);
    wait(times, kind, 10'000, false);
  }
  times.learn(0.5);
  EXPECT_LT(times.worth(kind, 0), 0.0005F) << "0.01 at first";
}

TEST(ReuseTimes, FollowWhatIsLearntByAPart) {
  auto at_once = times_for(kEntries);
  auto halfway = times_for(kEntries);
  auto const kind = ReuseTimes::kind_of_new(1);
  auto const before = halfway.worth(kind, 0);
  for (auto *const times : {&at_once, &halfway}) wait(*times, kind, 100, true);
  at_once.learn(1);
  halfway.learn(1, 0.5);
  EXPECT_FLOAT_EQ(halfway.worth(kind, 0), (before + at_once.worth(kind, 0)) / 2);
}

TEST(ReuseTimes, SeeTimesBesideTheNumberOfEntries) {
  auto small = times_for(100);
  auto large = times_for(100'000);
  EXPECT_EQ(small.kind_of(2, 150), large.kind_of(2, 150'000));
  EXPECT_NE(small.kind_of(2, 150), large.kind_of(2, 150));
  EXPECT_EQ(small.kind_of(2, 1'000'000), small.kind_of(2, 2'000'000'000)) << "long is long";
}

}  // namespace
}  // namespace tableforge::cache
