#include "tableforge/cache/near.hpp"

#include <stdexcept>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include "unit/cache/near_alone.hpp"

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;
using metrics::CacheLevel;

TEST_F(NearAlone, LoadsOnceAndThenHits) {
  EXPECT_FALSE(near().find(texts.changing, "k", origin.loader()));
  EXPECT_EQ(get(), "first");
  auto const hit = near().find(texts.changing, "k", origin.loader());
  ASSERT_TRUE(hit);
  EXPECT_EQ(**hit, "first");
  EXPECT_EQ(get(), "first");
  EXPECT_EQ(origin.loads, 1);
  EXPECT_EQ(metrics.hits.at(CacheClass::lobby_page, CacheLevel::l1).value(), 2u);
  EXPECT_EQ(metrics.misses.at(CacheClass::lobby_page).value(), 2u);
  EXPECT_EQ(metrics.entries.at(CacheClass::lobby_page).value(), 1);
  EXPECT_EQ(metrics.loads.at(CacheClass::lobby_page).value(), 1u);
}

TEST_F(NearAlone, RemembersForAWhileThatThereIsNothing) {
  origin.value = nullptr;
  auto const reading = begin();
  ASSERT_TRUE(reading->got && *reading->got);
  EXPECT_EQ(**reading->got, nullptr);
  origin.value = text("born");
  clock.advance(199ms);
  EXPECT_EQ(get(), "nothing");
  EXPECT_EQ(metrics.negative_hits.at(CacheClass::lobby_page).value(), 1u);
  clock.advance(1ms);
  EXPECT_EQ(get(), "born");
}

TEST_F(NearAlone, ServesAStaleValueWhileItLoadsAnew) {
  EXPECT_EQ(get(), "first");
  origin.value = text("second");
  clock.advance(1'000ms);
  EXPECT_EQ(get(), "first");
  EXPECT_EQ(origin.loads, 2);
  EXPECT_EQ(get(), "second");
  EXPECT_EQ(origin.loads, 2);
  EXPECT_EQ(metrics.stale_served.at(CacheClass::lobby_page).value(), 1u);
  EXPECT_EQ(metrics.refreshes.at(CacheClass::lobby_page).value(), 0u);
}

TEST_F(NearAlone, NeverServesAValuePastItsGrace) {
  EXPECT_EQ(get(), "first");
  origin.failure = Error{Errc::unavailable, "away"};
  clock.advance(1'499ms);
  EXPECT_EQ(get(), "first");
  clock.advance(1ms);
  auto const reading = begin();
  ASSERT_TRUE(reading->got);
  ASSERT_FALSE(*reading->got);
  EXPECT_EQ(reading->got->error().code, Errc::unavailable);
  EXPECT_EQ(metrics.loads_failed.at(CacheClass::lobby_page).value(), 2u);
}

TEST_F(NearAlone, CountsTheAgeFromBeforeTheLoad) {
  origin.closed = true;
  auto const reading = begin();
  clock.advance(1'499ms);
  origin.closed = false;
  turn();
  EXPECT_EQ(reading->text(), "first");
  clock.advance(1ms);
  EXPECT_FALSE(near().find(texts.changing, "k", origin.loader()));
}

TEST_F(NearAlone, RefreshesEarlyInTheBackgroundAndOnceAtATime) {
  origin.closed = true;
  auto const reading = begin();
  clock.advance(100ms);  // What the load costs.
  origin.closed = false;
  turn();
  ASSERT_EQ(reading->text(), "first");
  EXPECT_TRUE(texts.knobs.cache_lobby_page.early_refresh_beta.set(10));
  clock.advance(899ms);
  origin.value = text("second");
  origin.closed = true;
  // 1 ms before the end, with a factor of 1000 ms, all but one draw in a thousand say so.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get(), "first");
  EXPECT_EQ(origin.loads, 2);
  EXPECT_EQ(metrics.refreshes.at(CacheClass::lobby_page).value(), 1u);
  origin.closed = false;
  turn();
  EXPECT_TRUE(texts.knobs.cache_lobby_page.early_refresh_beta.set(0));
  EXPECT_EQ(get(), "second");
}

TEST_F(NearAlone, LoadsOnceForTenThousandWaitersOnTwoShards) {
  near();
  origin.closed = true;
  std::vector<std::shared_ptr<Reading>> readings;
  for (std::size_t i = 0; i < 10'000; ++i) {
    readings.push_back(begin_get(shards[i % 2], near(i % 2), texts.changing, "k", origin));
  }
  turn(100);
  origin.closed = false;
  turn(100);
  for (auto const &reading : readings) EXPECT_EQ(reading->text(), "first");
  EXPECT_EQ(origin.loads, 1);
  EXPECT_EQ(metrics.coalesced.at(CacheClass::lobby_page).value(), 9'999u);
  EXPECT_TRUE(near(0).find(texts.changing, "k", origin.loader()));
  EXPECT_TRUE(near(1).find(texts.changing, "k", origin.loader()));
}

TEST_F(NearAlone, KeepsALoadWhoseFirstCallerGaveUp) {
  near();
  origin.closed = true;
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(
      shards[0].executor(), near().get(texts.changing, "k", origin.loader()),
      asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, std::optional<Got>) { ended = true; }));
  turn();
  auto const other = begin(1);
  cancel.emit(asio::cancellation_type::terminal);
  turn();
  EXPECT_TRUE(ended);
  origin.closed = false;
  turn();
  EXPECT_EQ(other->text(), "first");
  EXPECT_EQ(origin.loads, 1);
}

TEST_F(NearAlone, TellsWaitersOfOtherShardsWhenItCloses) {
  origin.closed = true;
  auto const here = begin(0);
  auto const there = begin(1);
  close(0);
  turn();
  for (auto const *reading : {here.get(), there.get()}) {
    ASSERT_TRUE(reading->got);
    ASSERT_FALSE(*reading->got);
    EXPECT_EQ(reading->got->error().code, Errc::cancelled);
  }
  auto const late = begin(0, "other");
  ASSERT_TRUE(late->got);
  EXPECT_EQ(late->got->error().code, Errc::cancelled);
}

TEST_F(NearAlone, AnswersWaitersOfALoadThatThrows) {
  near();
  std::optional<Got> got;
  auto const throws = []() -> asio::awaitable<Result<Loaded<std::string>>> {
    throw std::runtime_error("no adapter may do this");
    co_return fail(Errc::timeout, "unreachable");
  };
  asio::co_spawn(shards[0].executor(), near().get(texts.changing, "k", throws),
                 [&](std::exception_ptr, std::optional<Got> value) { got = std::move(value); });
  turn();
  ASSERT_TRUE(got);
  EXPECT_FALSE(*got);
  EXPECT_EQ(get(), "first");
}

TEST_F(NearAlone, GivesUpALoadThatTakesTooLong) {
  options.load_limit = 1ms;
  options.tombstone_ttl = 1s;
  origin.closed = true;
  auto const reading = begin();
  for (int i = 0; !reading->ended() && i < 1'000'000; ++i) turn(1);
  ASSERT_TRUE(reading->got);
  ASSERT_FALSE(*reading->got);
  EXPECT_EQ(reading->got->error().code, Errc::timeout);
  // The load itself, not only the wait for it.
  EXPECT_EQ(metrics.loads_failed.at(CacheClass::lobby_page).value(), 1u);
}

TEST_F(NearAlone, RefusesMoreLoadsThanItsBound) {
  options.loads_max = 1;
  origin.closed = true;
  auto const reading = begin();
  auto const refused = begin(1, "other");
  ASSERT_TRUE(refused->got);
  ASSERT_FALSE(*refused->got);
  EXPECT_EQ(refused->got->error().code, Errc::overloaded);
  EXPECT_EQ(metrics.overloaded.at(CacheClass::lobby_page).value(), 1u);
}

TEST_F(NearAlone, ForgetsOnAllShardsWhatWasChanged) {
  EXPECT_EQ(get(0), "first");
  EXPECT_EQ(get(1), "first");
  origin.value = text("second");
  origin.version = 3;
  invalidate(2);
  EXPECT_EQ(get(0), "second");
  EXPECT_EQ(get(1), "second");
}

TEST_F(NearAlone, GivesNobodyALoadFromBeforeAnInvalidationThatCameBeforeHim) {
  origin.closed = true;
  auto const before = begin(0);
  origin.value = text("second");
  origin.version = 3;
  invalidate(2, 1);
  auto const after_here = begin(0);
  auto const after_there = begin(1);
  origin.closed = false;
  turn();
  EXPECT_EQ(before->text(), "first");
  EXPECT_EQ(after_here->text(), "second");
  EXPECT_EQ(after_there->text(), "second");
  EXPECT_EQ(origin.loads, 2);
  EXPECT_EQ(get(0), "second");
  EXPECT_EQ(get(1), "second");
  EXPECT_EQ(origin.loads, 2);
  EXPECT_EQ(metrics.refused_fills.at(CacheClass::lobby_page, CacheLevel::l1).value(), 1u);
}

TEST_F(NearAlone, ServesButDoesNotKeepWhatMayNotHaveSeenTheChange) {
  near();
  EXPECT_EQ(get(), "first");
  // A transaction that is older still runs, so what is read now has a version that proves nothing.
  invalidate(1);
  origin.value = text("second");
  EXPECT_EQ(get(), "second");
  EXPECT_EQ(get(), "second");
  EXPECT_EQ(origin.loads, 3);
  origin.version = 2;
  EXPECT_EQ(get(), "second");
  EXPECT_EQ(get(), "second");
  EXPECT_EQ(origin.loads, 4);
}

TEST_F(NearAlone, KeepsWhatIsPutAndNothingOlder) {
  put("second", 2);
  EXPECT_EQ(get(), "second");
  put("first", 1);
  EXPECT_EQ(get(), "second");
  EXPECT_EQ(metrics.refused_fills.at(CacheClass::lobby_page, CacheLevel::l1).value(), 1u);
  put("third", 3);
  EXPECT_EQ(get(), "third");
  EXPECT_EQ(origin.loads, 0);
}

TEST_F(NearAlone, PutsNothingThatAnInvalidationMakesDoubtful) {
  near();
  EXPECT_EQ(get(), "first");
  invalidate(2);
  put("second", 2);
  EXPECT_FALSE(near().find(texts.changing, "k", origin.loader()));
  put("third", 3);
  EXPECT_TRUE(near().find(texts.changing, "k", origin.loader()));
}

TEST_F(NearAlone, HasOtherShardsForgetTheOlderValueThatAPutTakesThePlaceOf) {
  put("first", 1);
  EXPECT_EQ(get(0), "first");
  origin.value = text("first");
  EXPECT_EQ(get(1), "first");
  put("second", 2, 0);
  EXPECT_FALSE(near(1).find(texts.changing, "k", origin.loader()));
  // A value that only adds leaves the others alone.
  put("third", 3, 1);
  EXPECT_TRUE(near(0).find(texts.changing, "k", origin.loader()));
}

TEST_F(NearAlone, PutsTheSameAgainToKeepItLonger) {
  put("second", 2);
  clock.advance(900ms);
  put("second", 2);
  clock.advance(900ms);
  EXPECT_EQ(get(), "second");
  EXPECT_EQ(metrics.stale_served.at(CacheClass::lobby_page).value(), 0u);
}

TEST_F(NearAlone, LeavesALoadInFlightNoChanceAgainstAPut) {
  origin.closed = true;
  auto const reading = begin(0);
  put("second", 2);
  origin.closed = false;
  turn();
  EXPECT_EQ(reading->text(), "first");
  EXPECT_EQ(get(), "second");
}

TEST_F(NearAlone, DropsWhatIsDiscardedOnAllShards) {
  EXPECT_EQ(get(0), "first");
  EXPECT_EQ(get(1), "first");
  bool done = false;
  asio::co_spawn(shards[1].executor(), near(1).discard(texts.changing, "k", text("first")),
                 [&](std::exception_ptr) { done = true; });
  turn();
  EXPECT_TRUE(done);
  EXPECT_FALSE(near(0).find(texts.changing, "k", origin.loader()));
  EXPECT_FALSE(near(1).find(texts.changing, "k", origin.loader()));
  EXPECT_EQ(get(0), "first") << "the same may come back";
  EXPECT_TRUE(near(0).find(texts.changing, "k", origin.loader()));
}

TEST_F(NearAlone, FollowsTheTtlInBothDirectionsAtOnce) {
  EXPECT_EQ(get(), "first");
  origin.value = text("second");
  clock.advance(5'000ms);
  EXPECT_TRUE(texts.knobs.cache_lobby_page.ttl.set(10'000ms));
  EXPECT_EQ(get(), "first");
  EXPECT_TRUE(texts.knobs.cache_lobby_page.ttl.set(100ms));
  EXPECT_EQ(get(), "second");
}

}  // namespace
}  // namespace tableforge::cache
