#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/cache/near_alone.hpp"

namespace tableforge::cache {
namespace {

using namespace std::chrono_literals;
using metrics::AgeGrid;

/// What was told of one shard.
struct Told {
  ReadCounts counts;
  metrics::AccessFilter filter;
  std::vector<std::uint64_t> looked;
  std::vector<std::uint64_t> invalidated;
  std::vector<std::pair<Clock::duration, bool>> compared;
  int turns = 0;

  [[nodiscard]] std::uint64_t reads(TrialSide side) const { return counts.of(side).reads.load(); }
  [[nodiscard]] std::uint64_t hits(TrialSide side, Clock::duration age) const {
    auto const place = AgeGrid::place_of(std::chrono::duration_cast<std::chrono::microseconds>(age));
    return counts.of(side).hits[place].load();
  }
  [[nodiscard]] std::uint64_t loads(TrialSide side) const { return counts.of(side).loads.snapshot().count(); }
};

class Teller final : public Watch {
 public:
  explicit Teller(std::shared_ptr<Told> told) : Watch(told->counts, told->filter), told_(std::move(told)) {}
  void looked(std::uint64_t hash, Clock::time_point, std::size_t) override { told_->looked.push_back(hash); }
  void invalidated(std::uint64_t hash, Clock::time_point) override { told_->invalidated.push_back(hash); }
  void compared(Clock::duration age, bool stale) override { told_->compared.emplace_back(age, stale); }
  void turn_ended(Clock::time_point) override { ++told_->turns; }

 private:
  std::shared_ptr<Told> told_;
};

class NearWatch : public NearAlone {
 public:
  NearWatch() {
    options.watch = [this](ClassSpec const &) {
      told.push_back(std::make_shared<Told>());
      return std::make_unique<Teller>(told.back());
    };
  }
  bool hit(std::string const &key = "k", std::size_t index = 0) {
    bool const found = near(index).find(texts.changing, key, origin.loader()).has_value();
    turn();
    return found;
  }
  void tries(double ttl_ms, Exposure const &exposure) {
    texts.knobs.cache_lobby_page.ttl_split.set({.value = ttl_ms, .exposure = exposure});
  }

  std::vector<std::shared_ptr<Told>> told;  ///< In the order in which shards were first asked.
};

TEST_F(NearWatch, CountsReadsHitsByTheirAgeAndLoads) {
  EXPECT_EQ(get(), "first");
  clock.advance(100ms);
  ASSERT_TRUE(hit());

  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]->reads(TrialSide::outside), 2U);
  EXPECT_EQ(told[0]->hits(TrialSide::outside, 100ms), 1U);
  EXPECT_EQ(told[0]->loads(TrialSide::outside), 1U);
  EXPECT_GT(told[0]->turns, 0);
}

TEST_F(NearWatch, GivesTheOtherLifetimeToThoseWhoHaveItAndToNobodyElse) {
  EXPECT_EQ(get(), "first");
  tries(300, {.share = 1});
  clock.advance(900ms);
  EXPECT_FALSE(hit()) << "past 300 ms and its grace, though not past the lifetime of the others";
}

TEST_F(NearWatch, CountsEachSideForItself) {
  EXPECT_EQ(get(), "first");
  clock.advance(100ms);
  tries(3'000, {.share = 1});
  ASSERT_TRUE(hit());
  tries(3'000, {.share = 0});
  ASSERT_TRUE(hit());
  tries(3'000, {.share = 1, .armed = false});
  ASSERT_TRUE(hit());

  EXPECT_EQ(told[0]->hits(TrialSide::treated, 100ms), 2U) << "a side that is not armed is told apart all the same";
  EXPECT_EQ(told[0]->hits(TrialSide::control, 100ms), 1U);
}

TEST_F(NearWatch, ExtendsAndEndsALifetimeAtOnce) {
  EXPECT_EQ(get(), "first");
  clock.advance(2'000ms);
  tries(3'000, {.share = 1, .armed = false});
  EXPECT_FALSE(hit()) << "nobody has it yet";
  tries(3'000, {.share = 1});
  EXPECT_TRUE(hit()) << "what is cached already lives longer";
  texts.knobs.cache_lobby_page.ttl_split.clear();
  EXPECT_FALSE(hit()) << "and no longer at once";
}

TEST_F(NearWatch, HasEveryKeyOnTheSameSideOfAllShards) {
  tries(1'000, {.share = 0.5, .salt = 7});
  for (int i = 0; i < 64; ++i) {
    static_cast<void>(get(0, "k" + std::to_string(i)));
    static_cast<void>(get(1, "k" + std::to_string(i)));
  }
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0]->reads(TrialSide::treated), told[1]->reads(TrialSide::treated));
  EXPECT_EQ(told[0]->reads(TrialSide::control), told[1]->reads(TrialSide::control));
  EXPECT_GT(told[0]->reads(TrialSide::treated), 10U);
  EXPECT_GT(told[0]->reads(TrialSide::control), 10U);
}

TEST_F(NearWatch, TellsOfInvalidationsByTheHashOfLookUps) {
  for (int i = 0; i < 200; ++i) static_cast<void>(get(0, "k" + std::to_string(i)));
  ASSERT_FALSE(told[0]->looked.empty()) << "one in 16 is looked at";
  for (int i = 0; i < 200; ++i) invalidate(1, 0, "k" + std::to_string(i));
  for (auto const hash : told[0]->looked) {
    EXPECT_NE(std::ranges::find(told[0]->invalidated, hash), told[0]->invalidated.end());
  }
}

}  // namespace
}  // namespace tableforge::cache
