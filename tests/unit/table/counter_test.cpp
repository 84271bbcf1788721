#include <gtest/gtest.h>

#include "tableforge/table/limits.hpp"

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

TEST(Counter, IsCreatedWithItsValueMinimumAndSeat) {
  Game game("cards-52");

  auto const changed = game.must_change<CounterChanged>(kGm, counter_create("debt", -5, "s2", -10));

  EXPECT_EQ(changed.counter, (Counter{.id = CounterId("debt"), .seat = SeatId("s2"), .value = -5, .min = -10}));
  EXPECT_EQ(*game.state().find_counter(CounterId("debt")), changed.counter);
}

TEST(Counter, IsCreatedOnce) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, counter_create("pot", 1)), Reject::conflict);
}

TEST(Counter, IsNotCreatedAtNoSeatOrBelowItsMinimum) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, counter_create("debt", 0, "s9")), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, counter_create("debt", -1)), Reject::insufficient);
  EXPECT_EQ(game.refusal(kGm, counter_create("debt", 4, {}, 5)), Reject::insufficient);
}

TEST(Counter, TablesHaveRoomForSoMany) {
  Game game("blank");
  for (std::size_t i = 0; i < kCountersMax; ++i) game.must(kGm, counter_create("c" + std::to_string(i), 0));

  EXPECT_EQ(game.refusal(kGm, counter_create("one more", 0)), Reject::full);
}

TEST(Counter, IsSetAndAddedTo) {
  Game game("cards-52");
  game.must(kAnn, counter_set("chips:s1", 100));
  game.must(kAnn, counter_add("chips:s1", -30));

  EXPECT_EQ(game.counter("chips:s1"), 70);
}

TEST(Counter, NeverFallsBelowItsMinimum) {
  Game game("cards-52");
  game.must(kAnn, counter_set("chips:s1", 100));

  EXPECT_EQ(game.refusal(kAnn, counter_set("chips:s1", -1)), Reject::insufficient);
  EXPECT_EQ(game.refusal(kAnn, counter_add("chips:s1", -101)), Reject::insufficient);
  EXPECT_EQ(game.refusal(kAnn, transfer("chips:s1", "pot", 101)), Reject::insufficient);
  EXPECT_EQ(game.refusal(kAnn, transfer("chips:s1", "pot", 100)), std::nullopt);
}

TEST(Counter, NeverRisesAboveWhatJsonCarries) {
  Game game("cards-52");
  game.must(kAnn, counter_set("chips:s1", kIntegerMax));
  game.must(kGm, counter_set("pot", 1));

  EXPECT_EQ(game.refusal(kAnn, counter_add("chips:s1", 1)), Reject::bad_request);
  EXPECT_EQ(game.refusal(kGm, transfer("pot", "chips:s1", 1)), Reject::bad_request);
  game.must(kGm, counter_create("debt", -kIntegerMax, {}, -kIntegerMax));
  EXPECT_EQ(game.refusal(kGm, counter_add("debt", -1)), Reject::insufficient);
  EXPECT_EQ(game.refusal(kGm, transfer("debt", "pot", kIntegerMax)), Reject::insufficient);
}

TEST(Counter, TransferMovesWhatItSays) {
  Game game("cards-52");
  game.must(kAnn, counter_set("chips:s1", 100));

  auto const moved = game.must_change<CounterTransferred>(kAnn, transfer("chips:s1", "pot", 40));

  EXPECT_EQ(moved.from_value, 60);
  EXPECT_EQ(moved.to_value, 40);
  EXPECT_EQ(game.counter("chips:s1"), 60);
  EXPECT_EQ(game.counter("pot"), 40);
}

TEST(Counter, TransferNeedsTwoCounters) {
  Game game("cards-52");
  game.must(kGm, counter_set("pot", 10));

  EXPECT_EQ(game.refusal(kGm, transfer("pot", "pot", 1)), Reject::bad_request);
  EXPECT_EQ(game.refusal(kGm, transfer("pot", "nowhere", 1)), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, transfer("nowhere", "pot", 1)), Reject::not_found);
}

TEST(Counter, UnknownOnesAreNotFound) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, counter_set("nowhere", 1)), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, counter_add("nowhere", 1)), Reject::not_found);
}

}  // namespace
}  // namespace tableforge::table::test
