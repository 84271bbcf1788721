#include "tableforge/runtime/timer.hpp"

#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/post.hpp>

#include "tableforge/runtime/scope.hpp"

#include "unit/runtime/turning.hpp"

namespace tableforge::runtime {
namespace {

using namespace std::chrono_literals;

/// No default constructor, as many a value of ours.
struct Card {
  explicit Card(std::string face_of) : face(std::move(face_of)) {}
  std::string face;
};

class WithDeadline : public Turning {
 public:
  static asio::awaitable<int> number() {
    co_await asio::post(asio::use_awaitable);
    co_return 7;
  }
  static asio::awaitable<int> at_once() { co_return 7; }
  static asio::awaitable<Result<Card>> card() {
    co_await asio::post(asio::use_awaitable);
    co_return Card("Th");
  }
  static asio::awaitable<Result<Card>> no_card() {
    co_await asio::post(asio::use_awaitable);
    co_return fail(Errc::not_found, "no card");
  }
  static asio::awaitable<int> thrower() {
    co_await asio::post(asio::use_awaitable);
    throw std::runtime_error("out of cards");
  }
  asio::awaitable<int> endless() {
    auto const mark = std::shared_ptr<void>(nullptr, [this](void *) { ended = true; });
    co_await sleep_for(1h);
    co_return 0;
  }
  /// Cancelled, and finishes all the same.
  static asio::awaitable<int> late_but_done() {
    try {
      co_await sleep_for(1h);
    } catch (boost::system::system_error const &) {
    }
    co_return 7;
  }

  bool ended = false;
};

TEST_F(WithDeadline, GivesTheValueInTime) { EXPECT_EQ(wait_for(with_deadline(number(), 1h)), 7); }

TEST_F(WithDeadline, GivesAValueThatWasThereAtOnce) { EXPECT_EQ(wait_for(with_deadline(at_once(), 1h)), 7); }

TEST_F(WithDeadline, PassesAResultThrough) {
  auto const got = wait_for(
      []() -> asio::awaitable<std::optional<Result<Card>>> { co_return co_await with_deadline(card(), 1h); }());
  ASSERT_TRUE(*got);
  EXPECT_EQ((*got)->face, "Th");
  auto const missing = wait_for(
      []() -> asio::awaitable<std::optional<Result<Card>>> { co_return co_await with_deadline(no_card(), 1h); }());
  EXPECT_EQ(missing->error().code, Errc::not_found);
}

TEST_F(WithDeadline, EndsTheOperationAtTheDeadline) {
  auto const result = wait_for(with_deadline(endless(), 1ms));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timeout);
  EXPECT_TRUE(ended);
}

TEST_F(WithDeadline, KeepsAValueThatCameWhileItWasCancelled) {
  EXPECT_EQ(wait_for(with_deadline(late_but_done(), 1ms)), 7);
}

TEST_F(WithDeadline, ThrowsWhatTheOperationThrows) {
  EXPECT_THROW(wait_for(with_deadline(thrower(), 1h)), std::runtime_error);
}

TEST_F(WithDeadline, TakesOperationsWithoutAValue) {
  EXPECT_TRUE(wait_for(with_deadline(sleep_for(0s), 1h)));
  auto const result = wait_for(with_deadline(sleep_for(1h), 1ms));
  EXPECT_EQ(result.error().code, Errc::timeout);
}

TEST_F(WithDeadline, EndsWhenItsCallerIsCancelled) {
  Scope scope(shard);
  bool returned = false;
  spawn(scope, "caller", [](WithDeadline &test, bool &came_back) -> asio::awaitable<void> {
    static_cast<void>(co_await with_deadline(test.endless(), 1h));
    came_back = true;
  }(*this, returned));
  settle();
  scope.cancel();
  settle();
  EXPECT_EQ(scope.size(), 0u);
  EXPECT_TRUE(ended);
  EXPECT_FALSE(returned);
  EXPECT_EQ(metrics.tasks_failed.value(), 0u);
}

}  // namespace
}  // namespace tableforge::runtime
