#include "tableforge/redis/breaker.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tableforge::redis {
namespace {

using namespace std::chrono_literals;
using State = Breaker::State;

class BreakerTest : public testing::Test {
 protected:
  void fail_once() {
    auto const ticket = breaker.admit(now);
    ASSERT_TRUE(ticket);
    breaker.failed(*ticket, now);
  }
  void succeed_once() {
    auto const ticket = breaker.admit(now);
    ASSERT_TRUE(ticket);
    breaker.succeeded(*ticket, now);
  }
  void open_by_failures() {
    for (unsigned i = 0; i < options.failures_max; ++i) fail_once();
    ASSERT_EQ(breaker.state(), State::open);
  }
  Breaker::Clock::duration wait() const { return breaker.retry_at() - now; }

  Breaker::Options const options{.failures_max = 3, .wait_min = 100ms, .wait_max = 1s};
  Breaker breaker{options, 7};
  Breaker::Clock::time_point now{1h};
};

TEST_F(BreakerTest, PassesEverythingWhileClosed) {
  for (int i = 0; i < 100; ++i) succeed_once();
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  fail_once();
  fail_once();
  EXPECT_EQ(breaker.state(), State::closed);
  fail_once();
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_FALSE(breaker.admit(now));
}

TEST_F(BreakerTest, ForgetsFailuresAtASuccess) {
  fail_once();
  fail_once();
  succeed_once();
  fail_once();
  fail_once();
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(BreakerTest, LetsOneProbePassAfterTheWait) {
  open_by_failures();
  auto const at = breaker.retry_at();
  EXPECT_FALSE(breaker.admit(at - 1ns));
  EXPECT_TRUE(breaker.admit(at));
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_FALSE(breaker.admit(at));
}

TEST_F(BreakerTest, ClosesWhenTheProbeSucceeds) {
  open_by_failures();
  now = breaker.retry_at();
  succeed_once();
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(BreakerTest, OpensAgainWhenTheProbeFails) {
  open_by_failures();
  now = breaker.retry_at();
  fail_once();
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_FALSE(breaker.admit(now));
}

TEST_F(BreakerTest, PassesAnotherProbeWhenOneIsAbandoned) {
  open_by_failures();
  now = breaker.retry_at();
  auto const ticket = breaker.admit(now);
  ASSERT_TRUE(ticket);
  breaker.abandoned(*ticket);
  EXPECT_TRUE(breaker.admit(now));
}

TEST_F(BreakerTest, IgnoresOutcomesOfAnEarlierPeriod) {
  auto const old = breaker.admit(now);
  open_by_failures();
  breaker.succeeded(*old, now);
  EXPECT_EQ(breaker.state(), State::open);
  now = breaker.retry_at();
  auto const probe = breaker.admit(now);
  ASSERT_TRUE(probe);
  breaker.failed(*old, now);
  EXPECT_EQ(breaker.state(), State::half_open);
  breaker.succeeded(*probe, now);
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(BreakerTest, OpensAtOnceWhenTripped) {
  breaker.trip(now);
  EXPECT_EQ(breaker.state(), State::open);
  auto const at = breaker.retry_at();
  breaker.trip(now + 50ms);
  EXPECT_EQ(breaker.retry_at(), at);
}

TEST_F(BreakerTest, WaitsLongerEachTimeUpToItsBound) {
  breaker.trip(now);
  for (auto const nominal : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    EXPECT_GE(wait(), nominal / 2);
    EXPECT_LE(wait(), nominal);
    now = breaker.retry_at();
    fail_once();
  }
}

TEST_F(BreakerTest, BeginsWithTheShortWaitAfterARecoveryThatLasted) {
  breaker.trip(now);
  for (int i = 0; i < 4; ++i) {
    now = breaker.retry_at();
    fail_once();
  }
  now = breaker.retry_at();
  succeed_once();
  now += 1s;
  breaker.trip(now);
  EXPECT_LE(wait(), 100ms);
}

TEST_F(BreakerTest, KeepsTheLongWaitAfterARecoveryThatDidNot) {
  breaker.trip(now);
  for (int i = 0; i < 4; ++i) {
    now = breaker.retry_at();
    fail_once();
  }
  now = breaker.retry_at();
  succeed_once();
  now += 10ms;
  breaker.trip(now);
  EXPECT_GE(wait(), 500ms);
}

TEST_F(BreakerTest, SpreadsTheWaitsOfDifferentInstances) {
  Breaker other(options, 8);
  breaker.trip(now);
  other.trip(now);
  EXPECT_NE(breaker.retry_at(), other.retry_at());
}

RC_GTEST_PROP(Breaker, NeverPassesMoreThanOneProbeWhileItIsNotClosed, ()) {
  Breaker breaker({.failures_max = 2, .wait_min = 10ms, .wait_max = 100ms}, *rc::gen::arbitrary<std::uint32_t>());
  Breaker::Clock::time_point now{1h};
  std::optional<Breaker::Ticket> held;
  for (int const step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5))) {
    now += 7ms;
    bool const was_closed = breaker.state() == State::closed;
    switch (step) {
      case 0: {
        auto const ticket = breaker.admit(now);
        if (ticket && !was_closed) {
          RC_ASSERT(!held);
          held = ticket;
        } else if (ticket) {
          breaker.failed(*ticket, now);
        }
        break;
      }
      case 1:
        if (held) breaker.succeeded(*std::exchange(held, std::nullopt), now);
        break;
      case 2:
        if (held) breaker.failed(*std::exchange(held, std::nullopt), now);
        break;
      case 3:
        if (held) breaker.abandoned(*std::exchange(held, std::nullopt));
        break;
      default: break;
    }
  }
}

}  // namespace
}  // namespace tableforge::redis
