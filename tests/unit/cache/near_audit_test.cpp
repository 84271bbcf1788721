#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "unit/cache/near_alone.hpp"

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;
using metrics::AuditResult;

class NearAudit : public NearAlone {
 public:
  NearAudit() {
    every(1);
    texts.unseen = [this](std::string key, auto value, Version version) {
      asked = key + ":" + (value ? *value : "nothing") + ":" + std::to_string(version);
      return answer(*this);
    };
  }
  ~NearAudit() override {
    held = false;
    turn();
  }

  static asio::awaitable<Unseen> answer(NearAudit &its) {
    while (its.held) co_await asio::post(asio::use_awaitable);
    co_return its.unseen;
  }
  void every(std::size_t hits) { EXPECT_TRUE(texts.knobs.cache_lobby_page.audit_every.set(hits)); }
  bool hit(std::size_t index = 0) {
    bool const found = near(index).find(texts.changing, "k", origin.loader()).has_value();
    turn();
    return found;
  }
  std::uint64_t count(AuditResult result) { return metrics.audits.at(CacheClass::lobby_page, result).value(); }
  metrics::HistogramSnapshot ages() { return metrics.stale_age.at(CacheClass::lobby_page).snapshot(); }

  Unseen unseen = std::nullopt;
  bool held = false;
  std::string asked;
};

TEST_F(NearAudit, FindsWhatHasSeenAllChangesCurrent) {
  EXPECT_EQ(get(), "first");
  EXPECT_EQ(count(AuditResult::current), 0u) << "what was loaded just now needs no comparison";
  ASSERT_TRUE(hit());
  EXPECT_EQ(asked, "k:first:1");
  EXPECT_EQ(count(AuditResult::current), 1u);
  EXPECT_EQ(ages().count(), 1u);
  EXPECT_EQ(ages().sum(), 0u);
}

TEST_F(NearAudit, TellsForHowLongAChangeHadBeenThere) {
  EXPECT_EQ(get(), "first");
  unseen = 300ms;
  ASSERT_TRUE(hit());
  EXPECT_EQ(count(AuditResult::stale), 1u);
  EXPECT_EQ(ages().sum(), static_cast<std::uint64_t>(std::chrono::nanoseconds(300ms).count()));
}

TEST_F(NearAudit, DoesNotCountWhatWasChangedAfterTheValueWasServed) {
  EXPECT_EQ(get(), "first");
  held = true;
  ASSERT_TRUE(hit());
  ASSERT_TRUE(hit());
  clock.advance(400ms);
  unseen = 400ms;
  held = false;
  turn();
  EXPECT_EQ(count(AuditResult::current), 2u);
  EXPECT_EQ(ages().sum(), 0u);
}

TEST_F(NearAudit, CallsBeyondItsBoundWhatIsOlderThanItsClassAllows) {
  EXPECT_EQ(get(), "first");
  unseen = 1'500ms;
  ASSERT_TRUE(hit());
  EXPECT_EQ(count(AuditResult::stale), 1u);
  EXPECT_EQ(count(AuditResult::beyond_bound), 0u);
  unseen = 1'501ms;
  ASSERT_TRUE(hit());
  EXPECT_EQ(count(AuditResult::beyond_bound), 1u);
  EXPECT_EQ(lines_with("a value was served that its class does not allow to be so old class=lobby_page key=k"), 1u);
}

TEST_F(NearAudit, LooksAtStaleHitsToo) {
  EXPECT_EQ(get(), "first");
  clock.advance(1'200ms);
  unseen = 1'100ms;
  ASSERT_TRUE(hit());
  EXPECT_EQ(metrics.stale_served.at(CacheClass::lobby_page).value(), 1u);
  EXPECT_EQ(count(AuditResult::stale), 1u);
}

TEST_F(NearAudit, SkipsWhatComesWhileItIsBusyOrCannotBeAnswered) {
  EXPECT_EQ(get(), "first");
  held = true;
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(hit());
  EXPECT_EQ(count(AuditResult::skipped), 3u);
  unseen = fail(Errc::overloaded, "busy");
  held = false;
  turn();
  EXPECT_EQ(count(AuditResult::skipped), 7u);
  unseen = std::nullopt;
  ASSERT_TRUE(hit());
  EXPECT_EQ(count(AuditResult::current), 1u);
  EXPECT_EQ(ages().count(), 1u);
}

TEST_F(NearAudit, TakesOneInSoManyAndFollowsTheKnobAtOnce) {
  EXPECT_EQ(get(), "first");
  every(8);
  for (int i = 0; i < 8'000; ++i) ASSERT_TRUE(hit());
  // Drawn by chance: seven standard deviations of 30.
  EXPECT_NEAR(static_cast<double>(count(AuditResult::current)), 1'000, 210);
  auto const before = count(AuditResult::current);
  every(0);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(hit());
  EXPECT_EQ(count(AuditResult::current), before);
  every(1);
  ASSERT_TRUE(hit());
  EXPECT_EQ(count(AuditResult::current), before + 1);
}

TEST_F(NearAudit, EndsWithTheCache) {
  EXPECT_EQ(get(), "first");
  held = true;
  ASSERT_TRUE(hit());
  close(0);
  EXPECT_EQ(count(AuditResult::current) + count(AuditResult::skipped), 0u);
}

}  // namespace
}  // namespace tableforge::cache
