#include "tableforge/runtime/scope.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/log/log.hpp"
#include "tableforge/runtime/timer.hpp"

#include "unit/runtime/turning.hpp"

namespace tableforge::runtime {
namespace {

using namespace std::chrono_literals;

class ScopeTest : public Turning {
 public:
  ScopeTest() {
    log::init({.level = log::Level::debug, .sink = [this](std::string_view line) { lines.emplace_back(line); }});
  }
  ~ScopeTest() override { log::init({}); }

  asio::awaitable<void> sleeper() {
    started = true;
    auto const mark = std::shared_ptr<void>(nullptr, [this](void *) { ended = true; });
    co_await sleep_for(1h);
  }
  /// Ends only when told to, whoever cancels it.
  asio::awaitable<void> stubborn() {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!may_end) co_await release.async_wait(asio::as_tuple(asio::use_awaitable));
    ended = true;
  }
  asio::awaitable<void> thrower() {
    co_await sleep_for(0s);
    throw std::runtime_error("out of cards");
  }
  void close_in_background() {
    asio::co_spawn(shard.executor(), scope->close(), [this](std::exception_ptr) { closed = true; });
  }
  void let_stubborn_end() {
    may_end = true;
    release.cancel();
  }

  std::vector<std::string> lines;
  asio::steady_timer release{shard.executor(), asio::steady_timer::time_point::max()};
  std::unique_ptr<Scope> scope = std::make_unique<Scope>(shard);
  bool started = false;
  bool ended = false;
  bool may_end = false;
  bool closed = false;
};

TEST_F(ScopeTest, StartsATaskAfterSpawnReturned) {
  spawn(*scope, "sleeper", sleeper());
  EXPECT_FALSE(started);
  settle();
  EXPECT_TRUE(started);
  EXPECT_EQ(scope->size(), 1u);
  close_in_background();
  settle();
}

TEST_F(ScopeTest, CloseCancelsAndWaits) {
  spawn(*scope, "sleeper", sleeper());
  settle();
  close_in_background();
  settle();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(closed);
  EXPECT_EQ(scope->size(), 0u);
  EXPECT_TRUE(lines.empty()) << lines[0];
}

TEST_F(ScopeTest, CloseWaitsForATaskThatIsSlowToEnd) {
  spawn(*scope, "stubborn", stubborn());
  settle();
  close_in_background();
  settle();
  EXPECT_FALSE(closed);
  let_stubborn_end();
  settle();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(closed);
}

TEST_F(ScopeTest, CloseWithALimitNamesWhoDidNotEnd) {
  spawn(*scope, "stubborn", stubborn());
  settle();
  auto const result = wait_for(scope->close(1ms));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timeout);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("task=stubborn"), std::string::npos) << lines[0];
  let_stubborn_end();
  settle();
  EXPECT_TRUE(wait_for(scope->close(1h)));
}

TEST_F(ScopeTest, CloseWaitsEvenInATaskThatWasCancelledItself) {
  Scope outer(shard);
  spawn(*scope, "stubborn", stubborn());
  spawn(outer, "owner", [](ScopeTest &test) -> asio::awaitable<void> {
    try {
      co_await sleep_for(1h);
    } catch (boost::system::system_error const &) {
    }
    co_await asio::this_coro::reset_cancellation_state();
    co_await test.scope->close();
    test.closed = true;
  }(*this));
  settle();
  outer.cancel();
  settle();
  EXPECT_FALSE(closed);
  EXPECT_EQ(outer.size(), 1u);
  let_stubborn_end();
  settle();
  EXPECT_TRUE(closed);
  EXPECT_EQ(outer.size(), 0u);
}

TEST_F(ScopeTest, CloseWaitsOnWhenItsTaskIsCancelledMeanwhile) {
  Scope outer(shard);
  spawn(*scope, "stubborn", stubborn());
  spawn(outer, "owner", [](ScopeTest &test) -> asio::awaitable<void> {
    co_await test.scope->close();
    test.closed = true;
  }(*this));
  settle();
  outer.cancel();
  settle();
  EXPECT_EQ(outer.size(), 1u);
  EXPECT_FALSE(closed);
  let_stubborn_end();
  settle();
  EXPECT_TRUE(closed);
  EXPECT_EQ(outer.size(), 0u);
}

TEST_F(ScopeTest, ATaskCancelledBeforeItStartedNeverRuns) {
  spawn(*scope, "sleeper", sleeper());
  scope->cancel();
  settle();
  EXPECT_FALSE(started);
  EXPECT_EQ(scope->size(), 0u);
}

TEST_F(ScopeTest, AClosedScopeTakesNoTasks) {
  scope->cancel();
  spawn(*scope, "sleeper", sleeper());
  settle();
  EXPECT_FALSE(started);
  EXPECT_TRUE(scope->closed());
}

TEST_F(ScopeTest, LogsTheNameOfATaskThatThrowsAndGoesOn) {
  spawn(*scope, "dealer", thrower());
  spawn(*scope, "sleeper", sleeper());
  settle();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("task=dealer what=\"out of cards\""), std::string::npos) << lines[0];
  EXPECT_EQ(metrics.tasks_failed.value(), 1u);
  EXPECT_EQ(scope->size(), 1u);
  close_in_background();
  settle();
}

TEST_F(ScopeTest, ForgetsTasksThatEnd) {
  for (int i = 0; i < 10; ++i) spawn(*scope, "nap", sleep_for(0s));
  settle();
  EXPECT_EQ(scope->size(), 0u);
}

TEST_F(ScopeTest, TasksMaySpawnMore) {
  spawn(*scope, "parent", [](ScopeTest &test) -> asio::awaitable<void> {
    spawn(*test.scope, "child", test.sleeper());
    co_return;
  }(*this));
  settle();
  EXPECT_TRUE(started);
  EXPECT_EQ(scope->size(), 1u);
  close_in_background();
  settle();
}

TEST(ScopeAtTheEnd, SurvivesAShardThatStoppedUnderItsTasks) {
  metrics::RuntimeMetrics metrics;
  bool destroyed = false;
  {
    Shard shard(0, metrics);
    shard.adopt_this_thread();
    Scope scope(shard);
    spawn(scope, "sleeper", [](bool &gone) -> asio::awaitable<void> {
      auto const mark = std::shared_ptr<void>(nullptr, [&gone](void *) { gone = true; });
      co_await sleep_for(1h);
    }(destroyed));
    shard.turn();
    shard.stop();
  }
  EXPECT_TRUE(destroyed);
}

TEST(ScopeDeath, DiesRatherThanLeaveItsTasks) {
  // Other tests of this binary have had threads, so a plain fork is not safe.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        metrics::RuntimeMetrics metrics;
        Shard shard(0, metrics);
        shard.adopt_this_thread();
        Scope scope(shard);
        spawn(scope, "sleeper", sleep_for(1h));
      },
      "invariant");
}

}  // namespace
}  // namespace tableforge::runtime
