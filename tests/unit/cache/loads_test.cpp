#include "cache/loads.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "unit/cache/class_fixture.hpp"

namespace tableforge::cache {
namespace {

class LoadsInFlight : public testing::Test {
 public:
  Loads::Joined join(std::string_view key, Loads &its_loads) {
    auto joined = its_loads.join(changing, key, shard);
    EXPECT_TRUE(joined);
    return std::move(joined).value();
  }
  Loads::Joined join(std::string_view key) { return join(key, loads); }

  Texts texts;
  ClassSpec const &changing = texts.changing.spec();
  ClassSpec const &fixed = texts.fixed.spec();
  metrics::RuntimeMetrics metrics;
  runtime::Shard shard{0, metrics};
  Loads loads{100, 1'000};
};

TEST_F(LoadsInFlight, HaveOneLeaderForEachKeyAndClass) {
  auto const first = join("a");
  auto const second = join("a");
  EXPECT_TRUE(first.leads);
  EXPECT_FALSE(second.leads);
  EXPECT_EQ(first.load, second.load);
  EXPECT_TRUE(join("b").leads);
  EXPECT_TRUE(loads.join(fixed, "a", shard)->leads);
  EXPECT_EQ(loads.begin(changing, "a"), nullptr);
  EXPECT_NE(loads.begin(changing, "c"), nullptr);
}

TEST_F(LoadsInFlight, AnswerAllWhoWaitedAndMakeRoomForTheNext) {
  auto const first = join("a");
  auto const second = join("a");
  auto const finished = loads.finish(*first.load, 5);
  EXPECT_EQ(finished.waiters, (std::vector{first.waiter, second.waiter}));
  EXPECT_TRUE(finished.keep);
  EXPECT_EQ(loads.in_flight(), 0u);
  EXPECT_TRUE(join("a").leads);
}

TEST_F(LoadsInFlight, AreLeftAloneByThoseWhoComeAfterAnInvalidation) {
  auto const before = join("a");
  loads.detach(changing.id, "a", 7);
  auto const after = join("a");
  EXPECT_TRUE(after.leads);
  auto const late = loads.finish(*before.load, 7);
  EXPECT_EQ(late.waiters, std::vector{before.waiter});
  EXPECT_FALSE(late.keep);
  // The end of the old one is not the end of the new one.
  EXPECT_FALSE(join("a").leads);
  EXPECT_TRUE(loads.finish(*after.load, 7).keep);
}

TEST_F(LoadsInFlight, KeepWhatHasSeenTheChange) {
  auto const before = join("a");
  loads.detach(changing.id, "a", 7);
  EXPECT_FALSE(loads.accepts(*before.load, 7));
  EXPECT_TRUE(loads.accepts(*before.load, 8));
  EXPECT_TRUE(loads.finish(*before.load, 8).keep);
}

TEST_F(LoadsInFlight, AreDetachedOnceByAnInvalidationThatEveryShardHears) {
  loads.detach(changing.id, "a", 7);
  auto const after = join("a");
  loads.detach(changing.id, "a", 7);
  EXPECT_FALSE(join("a").leads);
  EXPECT_FALSE(loads.accepts(*after.load, 7));
  loads.detach(changing.id, "a", 8);
  EXPECT_TRUE(join("a").leads);
}

TEST_F(LoadsInFlight, BelieveNothingUpToWhatTheyWereRaisedTo) {
  auto const load = join("a").load;
  loads.raise(changing.id, "a", 9);
  loads.raise(changing.id, "a", 3);
  EXPECT_FALSE(join("a").leads);
  EXPECT_FALSE(loads.accepts(*load, 9));
  EXPECT_TRUE(loads.accepts(*load, 10));
}

TEST_F(LoadsInFlight, OfMutableClassesAreWorthNothingAfterAGap) {
  auto const changing_load = join("a").load;
  auto const fixed_load = loads.join(fixed, "a", shard)->load;
  loads.detach_mutable();
  EXPECT_TRUE(join("a").leads);
  EXPECT_FALSE(loads.join(fixed, "a", shard)->leads);
  EXPECT_FALSE(loads.finish(*changing_load, 1'000'000).keep);
  EXPECT_TRUE(loads.finish(*fixed_load, 0).keep);
}

TEST_F(LoadsInFlight, RefuseMoreThanTheirBounds) {
  Loads narrow(2, 3);
  auto const first = join("a", narrow);
  auto const second = join("b", narrow);
  auto const third_load = narrow.join(changing, "c", shard);
  ASSERT_FALSE(third_load);
  EXPECT_EQ(third_load.error().code, Errc::overloaded);
  EXPECT_EQ(narrow.begin(changing, "c"), nullptr);
  EXPECT_FALSE(join("a", narrow).leads);
  auto const fourth_waiter = narrow.join(changing, "a", shard);
  ASSERT_FALSE(fourth_waiter);
  EXPECT_EQ(fourth_waiter.error().code, Errc::overloaded);
  static_cast<void>(narrow.finish(*first.load, std::nullopt));
  EXPECT_TRUE(join("c", narrow).leads);
  EXPECT_TRUE(narrow.join(changing, "b", shard));
}

TEST_F(LoadsInFlight, HaveOneLeaderHoweverManyThreadsAsk) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> leaders{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        auto const joined = loads.join(changing, "hot", shard);
        if (joined && joined->leads) ++leaders;
      });
    }
    for (auto &thread : threads) thread.join();
    EXPECT_EQ(leaders.load(), 1);
    loads.detach(changing.id, "hot", static_cast<Version>(round + 1));
  }
}

}  // namespace
}  // namespace tableforge::cache
