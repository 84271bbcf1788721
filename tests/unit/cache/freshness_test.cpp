#include "cache/freshness.hpp"

#include <chrono>
#include <cmath>

#include <gtest/gtest.h>

#include "unit/cache/class_fixture.hpp"

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;

class FreshnessOf : public testing::Test {
 public:
  FreshnessOf() {
    set(texts.knobs.cache_lobby_page.ttl, 1'000ms);
    set(texts.knobs.cache_lobby_page.stale_while_revalidate, 500ms);
    set(texts.knobs.cache_lobby_page.negative_ttl, 200ms);
    EXPECT_TRUE(texts.knobs.cache_lobby_page.early_refresh_beta.set(0));
  }
  static void set(Knob<std::chrono::milliseconds> &knob, std::chrono::milliseconds value) {
    EXPECT_TRUE(knob.set(value));
  }
  Freshness at(std::chrono::milliseconds age, double u = 1) const {
    return judge(entry, texts.changing.spec(), texts.changing.spec().knobs.ttl.get(), entry.filled_at + age,
                 [u] { return u; });
  }

  Texts texts;
  Entry entry{.value = text("x"), .version = 1, .filled_at = Clock::time_point(1h), .load_cost = 10ms, .bytes = 1};
};

TEST_F(FreshnessOf, AValueEndsInSteps) {
  EXPECT_EQ(at(0ms), Freshness::fresh);
  EXPECT_EQ(at(999ms), Freshness::fresh);
  EXPECT_EQ(at(1'000ms), Freshness::stale);
  EXPECT_EQ(at(1'499ms), Freshness::stale);
  EXPECT_EQ(at(1'500ms), Freshness::expired);
}

TEST_F(FreshnessOf, AValueFollowsItsKnobsInBothDirections) {
  set(texts.knobs.cache_lobby_page.ttl, 2'000ms);
  EXPECT_EQ(at(1'999ms), Freshness::fresh);
  set(texts.knobs.cache_lobby_page.ttl, 100ms);
  EXPECT_EQ(at(99ms), Freshness::fresh);
  EXPECT_EQ(at(100ms), Freshness::stale);
  set(texts.knobs.cache_lobby_page.stale_while_revalidate, 0ms);
  EXPECT_EQ(at(100ms), Freshness::expired);
}

TEST_F(FreshnessOf, AValueOfATtlOfZeroIsNeverServed) {
  set(texts.knobs.cache_lobby_page.ttl, 0ms);
  EXPECT_EQ(at(0ms), Freshness::expired);
}

TEST_F(FreshnessOf, ANegativeOneHasATimeOfItsOwnAndNoGrace) {
  entry.value = nullptr;
  EXPECT_EQ(at(199ms), Freshness::fresh);
  EXPECT_EQ(at(200ms), Freshness::expired);
  set(texts.knobs.cache_lobby_page.negative_ttl, 0ms);
  EXPECT_EQ(at(0ms), Freshness::expired);
}

TEST_F(FreshnessOf, AnImmutableValueIsNeitherDueNorStale) {
  auto const &cls = texts.fixed.spec();
  set(texts.knobs.cache_history_page.ttl, 1'000ms);
  entry.load_cost = 1h;
  auto const judged = [&](std::chrono::milliseconds age) {
    return judge(entry, cls, cls.knobs.ttl.get(), entry.filled_at + age, [] { return 1e-9; });
  };
  EXPECT_EQ(judged(999ms), Freshness::fresh);
  EXPECT_EQ(judged(1'000ms), Freshness::expired);
}

TEST_F(FreshnessOf, AValueIsDueByTheFormulaOfXFetch) {
  EXPECT_TRUE(texts.knobs.cache_lobby_page.early_refresh_beta.set(2));
  // 1000 - age <= 10 * 2 * -ln(u), for u = 1/e: 20 ms before the end.
  double const u = std::exp(-1.0);
  EXPECT_EQ(at(979ms, u), Freshness::fresh);
  EXPECT_EQ(at(981ms, u), Freshness::due);
  EXPECT_EQ(at(981ms, 1), Freshness::fresh);
  EXPECT_EQ(at(1'000ms, u), Freshness::stale);
}

TEST_F(FreshnessOf, AValueIsDueAsOftenAsXFetchSays) {
  EXPECT_TRUE(texts.knobs.cache_lobby_page.early_refresh_beta.set(1));
  Draws draws(12'345);
  int due = 0;
  // 10 ms before the end, with a load of 10 ms: the chance is P(-ln u >= 1) = 1/e.
  for (int i = 0; i < 100'000; ++i) {
    due += judge(entry, texts.changing.spec(), texts.changing.spec().knobs.ttl.get(), entry.filled_at + 990ms, draws) ==
                   Freshness::due
               ? 1
               : 0;
  }
  EXPECT_NEAR(due / 100'000.0, std::exp(-1.0), 0.01);
}

TEST_F(FreshnessOf, AValueFarFromItsEndDrawsNothing) {
  EXPECT_TRUE(texts.knobs.cache_lobby_page.early_refresh_beta.set(1));
  bool drawn = false;
  static_cast<void>(
      judge(entry, texts.changing.spec(), texts.changing.spec().knobs.ttl.get(), entry.filled_at + 500ms, [&] {
        drawn = true;
        return 1.0;
      }));
  EXPECT_FALSE(drawn);
}

}  // namespace
}  // namespace tableforge::cache
