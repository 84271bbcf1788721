#include "tableforge/tuner/ttl_shadow.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tableforge/tuner/ttl_model.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using Moment = TtlShadow::Moment;

TtlEvidence::Count sum(TtlShadow const &shadow, std::size_t place) { return shadow.evidence().sum(place); }

TEST(TtlShadow, HasLifetimesInStepsOfTheRootOfTwo) {
  TtlShadow const shadow(2s);
  EXPECT_NEAR(shadow.seconds_of(TtlShadow::kMiddle), 2, 1e-6);
  EXPECT_NEAR(shadow.seconds_of(TtlShadow::kMiddle + 2), 4, 1e-6);
  EXPECT_NEAR(shadow.seconds_of(0), 0.125, 1e-6);
}

TEST(TtlShadow, CountsWhatEachLifetimeWouldMiss) {
  TtlShadow shadow(2s);
  StalenessCurve const curve;
  // A read each 1.5 s: filled anew at each under lifetimes up to that, at every second under 2 s, and so on.
  for (int i = 0; i < 40; ++i) shadow.read(0, Moment(1'500'000) * i, curve);
  shadow.read(0, 61s, curve);
  auto const places = std::pair(TtlShadow::kMiddle - 2, TtlShadow::kMiddle);
  EXPECT_EQ(sum(shadow, places.first).misses, 40 * 16);
  EXPECT_EQ(sum(shadow, places.second).misses, 20 * 16);
  EXPECT_EQ(sum(shadow, TtlShadow::kPlaces - 1).misses, 3 * 16);  // 22.6 s: after 24 s and 48 s, and the first.
  EXPECT_EQ(sum(shadow, 0).reads, 40 * 16);
  EXPECT_EQ(shadow.evidence().samples, 40);
}

TEST(TtlShadow, MissesAfterAnInvalidation) {
  TtlShadow shadow(2s);
  StalenessCurve const curve;
  for (int i = 0; i < 100; ++i) {
    if (i == 50) shadow.invalidate(0, 1ms * i);
    shadow.read(0, 1ms * i, curve);
  }
  shadow.read(0, 61s, curve);
  EXPECT_EQ(sum(shadow, TtlShadow::kMiddle).misses, 2 * 16);
}

TEST(TtlShadow, WeighsHotKeysAsThemselvesAndOthersAsSixteen) {
  TtlShadow shadow(2s);
  StalenessCurve const curve;
  std::uint64_t const hot = 3;  // Not of the sample.
  shadow.set_heavy(std::span(&hot, 1));
  shadow.read(hot, 1s, curve);
  shadow.read(5, 1s, curve);
  shadow.read(16, 1s, curve);
  shadow.read(16, 61s, curve);
  EXPECT_EQ(sum(shadow, 0).reads, 1 + 16);
  EXPECT_EQ(shadow.keys(), 2u);
  shadow.set_heavy({});
  EXPECT_EQ(shadow.keys(), 1u);
}

TEST(TtlShadow, AgreesWithTheModelWhereThatHolds) {
  // 2,000 keys, each read twice a second: one in 16 stands for all.
  constexpr double kReads = 2;
  constexpr double kWrites = 0.2;
  TtlShadow shadow(2s);
  StalenessCurve curve;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> share(0, 1);
  for (int i = 0; i < 100'000; ++i) {
    double const age = 12 * share(random);
    curve.add(Moment(std::llround(age * 1e6)), share(random) < 1 - std::exp(-kWrites * age));
  }
  double now = 0;
  std::exponential_distribution<double> gap(2000 * kReads);
  while (now < 200) {
    now += gap(random);
    shadow.read(random() % 2000, Moment(std::llround(now * 1e6)), curve);
  }
  TtlModel const model{.reads = kReads, .writes = kWrites, .miss_cost = 1, .stale_cost = 5};
  for (std::size_t const place : {4u, 8u, 12u}) {
    auto const count = sum(shadow, place);
    double const cost = (count.misses + 5 * count.stale) / count.reads;
    EXPECT_NEAR(cost / model.cost(shadow.seconds_of(place)), 1, 0.05) << place;
  }
}

TEST(TtlShadow, FollowsALifetimeThatLeavesItsMiddle) {
  TtlShadow shadow(2s);
  StalenessCurve const curve;
  for (int i = 0; i < 1000; ++i) shadow.read(0, 100ms * i, curve);
  EXPECT_FALSE(shadow.follow(1s));
  EXPECT_FALSE(shadow.evidence().epochs.empty());
  EXPECT_TRUE(shadow.follow(40s));
  EXPECT_TRUE(shadow.evidence().epochs.empty());
  double nearest = 1e9;
  for (std::size_t place = 0; place < TtlShadow::kPlaces; ++place) {
    nearest = std::min(nearest, std::abs(std::log(shadow.seconds_of(place) / 40)));
  }
  EXPECT_LT(nearest, 0.18);
  EXPECT_TRUE(shadow.follow(100ms));
}

TEST(TtlShadow, ThinsOutWhenThereAreTooManyKeys) {
  TtlShadow shadow(2s);
  StalenessCurve const curve;
  std::mt19937_64 random(1);
  for (int i = 0; i < 400'000; ++i) shadow.read(random(), Moment(i), curve);
  EXPECT_LE(shadow.keys(), TtlShadow::kKeysMax);
  EXPECT_LT(shadow.rate(), 1.0 / 16);
  shadow.read(0, 61s, curve);
  EXPECT_NEAR(sum(shadow, 0).reads, 400'000, 400'000 * 0.02);
}

TEST(TtlShadow, PutsEvidenceOfSeveralThreadsTogether) {
  TtlShadow one(2s);
  TtlShadow other(2s);
  StalenessCurve const curve;
  for (int minute = 0; minute < 4; ++minute) one.read(0, 1min * minute, curve);
  for (int minute = 2; minute < 6; ++minute) other.read(0, 1min * minute, curve);
  auto both = one.evidence();
  both.merge(other.evidence());
  EXPECT_EQ(both.epochs.size(), 5u);
  EXPECT_EQ(both.epochs[2][0].reads, 2 * 16);
  EXPECT_EQ(both.samples, 6);
}

TEST(TtlShadow, ForgetsWhatIsOlderThanAQuarterOfAnHour) {
  TtlShadow shadow(2s);
  StalenessCurve const curve;
  for (int minute = 0; minute < 40; ++minute) shadow.read(0, 1min * minute, curve);
  EXPECT_EQ(shadow.evidence().epochs.size(), TtlShadow::kEpochs);
}

}  // namespace
}  // namespace tableforge::tuner
