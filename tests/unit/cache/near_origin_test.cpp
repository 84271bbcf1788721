#include <chrono>

#include <gtest/gtest.h>

#include "unit/cache/near_alone.hpp"

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;

/// An origin that fails, and how seldom it is asked then.
class NearOrigin : public NearAlone {
 public:
  NearOrigin() { options.origin_backoff = {.failures_max = 3, .wait_min = 100ms, .wait_max = 400ms}; }

  void fails(Errc code) { origin.failure = Error{code, "as the test says"}; }
  Errc error_of(std::string key = "other", std::size_t index = 0) {
    auto const reading = begin(index, std::move(key));
    EXPECT_TRUE(reading->got && !*reading->got);
    return reading->got && !*reading->got ? (*reading->got).error().code : Errc::invalid;
  }
  std::uint64_t held_back() { return metrics.loads_held_back.at(CacheClass::lobby_page).value(); }
};

TEST_F(NearOrigin, IsLeftAloneAfterFailuresInARow) {
  fails(Errc::unavailable);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(error_of(std::to_string(i)), Errc::unavailable);
  EXPECT_EQ(origin.loads, 3);
  EXPECT_EQ(held_back(), 47u);
  EXPECT_EQ(metrics.loads_failed.at(CacheClass::lobby_page).value(), 3u) << "what was not asked has not failed";
  EXPECT_EQ(lines_with("the origin of cached values fails, and is left alone for a while class=lobby_page"), 1u);
}

TEST_F(NearOrigin, IsAskedByOneAfterAWhileAndByAllOnceItAnswers) {
  fails(Errc::timeout);
  for (int i = 0; i < 3; ++i) error_of();
  clock.advance(100ms);
  origin.closed = true;
  auto const probe = begin(0, "probe");
  EXPECT_EQ(error_of("beside it"), Errc::unavailable);
  EXPECT_EQ(origin.loads, 4);
  origin.closed = false;
  turn();
  ASSERT_TRUE(probe->ended());
  // It failed again, so the next wait is longer.
  clock.advance(99ms);
  error_of();
  EXPECT_EQ(origin.loads, 4);
  clock.advance(101ms);
  origin.failure.reset();
  EXPECT_EQ(get(0, "again"), "first");
  EXPECT_EQ(get(0, "and again"), "first");
  EXPECT_EQ(origin.loads, 6);
  EXPECT_EQ(lines_with("the origin of cached values answers again class=lobby_page"), 1u);
}

TEST_F(NearOrigin, HasItsValuesServedStaleMeanwhile) {
  EXPECT_EQ(get(), "first");
  fails(Errc::unavailable);
  for (int i = 0; i < 3; ++i) error_of();
  auto const loads = origin.loads;
  clock.advance(1'000ms);
  fails(Errc::unavailable);
  error_of();  // The probe.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get(), "first");
  EXPECT_EQ(origin.loads, loads + 1);
  EXPECT_EQ(metrics.stale_served.at(CacheClass::lobby_page).value(), 20u);
  EXPECT_EQ(held_back(), 20u);
  clock.advance(500ms);
  EXPECT_EQ(error_of("k"), Errc::unavailable) << "stale, and only within its bound";
}

TEST_F(NearOrigin, IsNotBlamedForWhatIsNoFailureOfIts) {
  for (auto const code : {Errc::overloaded, Errc::cancelled, Errc::corrupt, Errc::not_found}) {
    fails(code);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(error_of(), code);
  }
  EXPECT_EQ(origin.loads, 40);
  EXPECT_EQ(held_back(), 0u);
}

TEST_F(NearOrigin, IsLeftAloneForOneClassOnly) {
  fails(Errc::unavailable);
  for (int i = 0; i < 4; ++i) error_of();
  EXPECT_EQ(held_back(), 1u);
  origin.failure.reset();
  auto const fixed = begin_get(shards[0], near(0), texts.fixed, "k", origin);
  turn();
  EXPECT_EQ(fixed->text(), "first");
}

TEST_F(NearOrigin, IsProbedAgainAfterAProbeThatThrew) {
  fails(Errc::unavailable);
  for (int i = 0; i < 3; ++i) error_of();
  clock.advance(100ms);
  std::optional<Got> got;
  auto const throws = []() -> asio::awaitable<Result<Loaded<std::string>>> {
    throw std::runtime_error("no adapter may do this");
    co_return fail(Errc::timeout, "unreachable");
  };
  asio::co_spawn(shards[0].executor(), near().get(texts.changing, "thrown", throws),
                 [&](std::exception_ptr, std::optional<Got> value) { got = std::move(value); });
  turn();
  ASSERT_TRUE(got && !*got);
  origin.failure.reset();
  EXPECT_EQ(get(), "first");
}

}  // namespace
}  // namespace tableforge::cache
