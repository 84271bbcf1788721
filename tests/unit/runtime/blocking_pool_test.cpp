#include "tableforge/runtime/blocking_pool.hpp"

#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tableforge/log/log.hpp"
#include "tableforge/runtime/scope.hpp"

#include "unit/runtime/turning.hpp"

namespace tableforge::runtime {
namespace {

using namespace std::chrono_literals;

class BlockingPoolTest : public Turning {
 public:
  using Answer = Result<int>;

  static asio::awaitable<std::optional<Answer>> run(BlockingPool &pool, std::function<Answer()> call,
                                                    std::chrono::steady_clock::duration limit = 1h) {
    co_return co_await pool.run(std::move(call), limit);
  }

  /// Keeps one thread of the pool busy until released.
  void occupy(BlockingPool &pool) {
    ASSERT_TRUE(pool.try_post([this] {
      busy.count_down();
      freed.wait();
    }));
    busy.wait();
  }

  std::latch busy{1};
  std::latch freed{1};
};

TEST_F(BlockingPoolTest, CallsElsewhereAndResumesHere) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 4}, metrics);
  std::thread::id called_on;
  std::thread::id resumed_on;
  auto const answer = wait_for([](BlockingPool &in, std::thread::id &called,
                                  std::thread::id &resumed) -> asio::awaitable<std::optional<Answer>> {
    auto got = co_await in.run(
        [&called]() -> Answer {
          called = std::this_thread::get_id();
          return 7;
        },
        1h);
    resumed = std::this_thread::get_id();
    co_return got;
  }(pool, called_on, resumed_on));
  EXPECT_EQ(**answer, 7);
  EXPECT_NE(called_on, std::this_thread::get_id());
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
  EXPECT_EQ(metrics.pool_wait.snapshot().count(), 1u);
}

TEST_F(BlockingPoolTest, PassesOnTheErrorOfACall) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 4}, metrics);
  auto const answer = wait_for(run(pool, []() -> Answer { return fail(Errc::conflict, "taken"); }));
  EXPECT_EQ(answer->error().code, Errc::conflict);
}

TEST_F(BlockingPoolTest, RefusesAtOnceWhenItsQueueIsFull) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 1}, metrics);
  occupy(pool);
  ASSERT_TRUE(pool.try_post([] {}));
  EXPECT_EQ(metrics.pool_depth.value(), 1);
  auto const answer = wait_for(run(pool, []() -> Answer { return 1; }));
  EXPECT_EQ(answer->error().code, Errc::overloaded);
  EXPECT_FALSE(pool.try_post([] {}));
  EXPECT_EQ(metrics.pool_rejected.value(), 2u);
  freed.count_down();
  pool.drain();
  EXPECT_EQ(metrics.pool_depth.value(), 0);
}

TEST_F(BlockingPoolTest, AnswersAtTheDeadlineAndDropsTheLateResult) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 1}, metrics);
  auto const call = [this]() -> Answer {
    freed.wait();
    return 7;
  };
  auto const answer = wait_for(run(pool, call, 1ms));
  EXPECT_EQ(answer->error().code, Errc::timeout);
  EXPECT_EQ(metrics.pool_timeouts.value(), 1u);
  freed.count_down();
  pool.drain();
  settle();
}

TEST_F(BlockingPoolTest, NeverBeginsACallThatWasGivenUp) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 1}, metrics);
  occupy(pool);
  std::atomic<bool> begun = false;
  auto const call = [&]() -> Answer {
    begun = true;
    return 1;
  };
  EXPECT_EQ(wait_for(run(pool, call, 1ms))->error().code, Errc::timeout);
  freed.count_down();
  pool.drain();
  EXPECT_FALSE(begun);
}

TEST_F(BlockingPoolTest, TurnsAThrowIntoAnError) {
  std::string logged;
  log::init({.sink = [&](std::string_view line) { logged += line; }});
  BlockingPool pool({.name = "readers", .threads = 1, .queue_max = 1}, metrics);
  auto const answer = wait_for(run(pool, []() -> Answer { throw std::runtime_error("broken"); }));
  log::init({});
  EXPECT_EQ(answer->error().code, Errc::unavailable);
  EXPECT_NE(logged.find("pool=readers what=broken"), std::string::npos) << logged;
}

TEST_F(BlockingPoolTest, SurvivesAJobThatThrows) {
  log::init({.sink = [](std::string_view) {}});
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 2}, metrics);
  ASSERT_TRUE(pool.try_post([] { throw std::runtime_error("broken"); }));
  EXPECT_EQ(**wait_for(run(pool, []() -> Answer { return 7; })), 7);
  log::init({});
}

TEST_F(BlockingPoolTest, EndsTheWaitOfACancelledCaller) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 1}, metrics);
  std::optional<Answer> answer;
  Scope scope(shard);
  spawn(scope, "caller",
        [](BlockingPoolTest &test, BlockingPool &in, std::optional<Answer> &out) -> asio::awaitable<void> {
          out = co_await in.run(
              [&test]() -> Answer {
                test.freed.wait();
                return 7;
              },
              1h);
        }(*this, pool, answer));
  settle();
  scope.cancel();
  settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().code, Errc::cancelled);
  freed.count_down();
  pool.drain();
  settle();
}

TEST_F(BlockingPoolTest, DrainsWhatWaitsAndTakesNothingMore) {
  BlockingPool pool({.name = "test", .threads = 2, .queue_max = 100}, metrics);
  std::atomic<int> done = 0;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.try_post([&] { ++done; }));
  pool.drain();
  EXPECT_EQ(done, 50);
  EXPECT_FALSE(pool.try_post([] {}));
  EXPECT_EQ(wait_for(run(pool, []() -> Answer { return 1; }))->error().code, Errc::cancelled);
}

TEST_F(BlockingPoolTest, CarriesValuesThatOnlyMove) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_max = 1}, metrics);
  auto const face = wait_for([](BlockingPool &in) -> asio::awaitable<std::optional<int>> {
    auto got = co_await in.run(
        [box = std::make_unique<int>(7)]() mutable -> Result<std::unique_ptr<int>> { return std::move(box); }, 1h);
    co_return **got;
  }(pool));
  EXPECT_EQ(face, 7);
}

}  // namespace
}  // namespace tableforge::runtime
