#include "tableforge/tuner/miss_ratio_curve.hpp"

#include <algorithm>
#include <cmath>
#include <list>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/metrics/access_filter.hpp"
#include "tableforge/tuner/bytes_rule.hpp"

namespace tableforge::tuner {
namespace {

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::size_t bytes_of(std::uint64_t key) { return 100 + mixed(key * 7 + 1) % 900; }

/// Every read, in a cache that is ordered by recency and bounded in bytes.
class Lru {
 public:
  explicit Lru(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  bool read(std::uint64_t key) {
    auto const found = places_.find(key);
    bool const hit = found != places_.end();
    if (hit) {
      order_.splice(order_.begin(), order_, found->second);
    } else {
      order_.push_front(key);
      places_[key] = order_.begin();
      bytes_ += bytes_of(key);
    }
    while (bytes_ > bytes_max_) {
      bytes_ -= bytes_of(order_.back());
      places_.erase(order_.back());
      order_.pop_back();
    }
    return hit;
  }

 private:
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::list<std::uint64_t> order_;
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> places_;
};

class Zipf {
 public:
  Zipf(std::size_t keys, double exponent) {
    double sum = 0;
    for (std::size_t rank = 1; rank <= keys; ++rank)
      sums_.push_back(sum += std::pow(static_cast<double>(rank), -exponent));
  }
  std::uint64_t operator()(std::mt19937_64 &random) const {
    std::uniform_real_distribution<double> at(0, sums_.back());
    return static_cast<std::uint64_t>(std::ranges::upper_bound(sums_, at(random)) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

void read(MissRatioCurve &curve, std::uint64_t key) {
  auto const hash = mixed(key + 0x9e3779b97f4a7c15ULL);
  curve.count_reads(1);
  if (metrics::AccessFilter::is_sampled(hash)) curve.read(hash, bytes_of(key));
}

/// The greatest difference to what caches of four sizes really miss.
double greatest_error(std::size_t keys, bool sampled) {
  std::mt19937_64 random(1);
  Zipf const zipf(keys, 0.9);
  MissRatioCurve curve(sampled ? 1.0 / 16 : 1);
  std::vector<std::pair<double, Lru>> caches;
  for (double const bytes : {1e5, 3e5, 1e6, 3e6}) caches.emplace_back(bytes, Lru(static_cast<std::size_t>(bytes)));
  std::vector<int> misses(caches.size());
  constexpr int kReads = 200'000;
  for (int i = 0; i < kReads; ++i) {
    auto const key = zipf(random);
    if (sampled) {
      read(curve, key);
    } else {
      curve.count_reads(1);
      curve.read(mixed(key), bytes_of(key));
    }
    for (std::size_t c = 0; c < caches.size(); ++c) misses[c] += !caches[c].second.read(key);
  }
  double error = 0;
  for (std::size_t c = 0; c < caches.size(); ++c) {
    error = std::max(error, std::abs(curve.miss_ratio(caches[c].first) - misses[c] / double{kReads}));
  }
  return error;
}

TEST(MissRatioCurve, IsThatOfACacheOrderedByRecency) { EXPECT_LT(greatest_error(4'000, false), 0.01); }

TEST(MissRatioCurve, IsNearlyThatFromASampleOfTheKeys) { EXPECT_LT(greatest_error(50'000, true), 0.08); }

TEST(MissRatioCurve, HoldsItsBoundWithFarMoreKeysAndIsStillRight) {
  std::mt19937_64 random(1);
  MissRatioCurve curve;
  Lru cache(30'000'000);
  int misses = 0;
  constexpr int kReads = 600'000;
  for (int i = 0; i < kReads; ++i) {
    auto const key = random() % 200'000;
    read(curve, key);
    misses += !cache.read(key);
  }
  EXPECT_NEAR(curve.miss_ratio(3e7), misses / double{kReads}, 0.03);
}

TEST(MissRatioCurve, FallsOffTheCliffOfALoop) {
  MissRatioCurve curve(1);
  for (int i = 0; i < 20'000; ++i) {
    curve.count_reads(1);
    curve.read(mixed(static_cast<std::uint64_t>(i % 1000)), 100);
  }
  EXPECT_GT(curve.miss_ratio(80'000), 0.99);
  EXPECT_LT(curve.miss_ratio(120'000), 0.06);
}

TEST(MissRatioCurve, MissesEverythingWhileNothingWasRead) { EXPECT_EQ(MissRatioCurve().miss_ratio(1e9), 1); }

MissRatioCurve curve_of(std::size_t keys, int reads) {
  MissRatioCurve curve(1);
  std::mt19937_64 random(5);
  for (int i = 0; i < reads; ++i) {
    curve.count_reads(1);
    curve.read(mixed(random() % keys), 100);
  }
  return curve;
}

TEST(BytesRule, MovesBytesToWhereTheySaveMore) {
  auto const starved = curve_of(4000, 100'000);  // Would use 400 KB,
  auto const sated = curve_of(500, 100'000);     // and this one 50.
  std::vector<BytesClaim> const claims{{200'000, 1000, 1, &sated}, {100'000, 1000, 1, &starved}};
  auto const move = propose_bytes_move(claims, {});
  ASSERT_TRUE(move);
  EXPECT_EQ(move->from, 0u);
  EXPECT_EQ(move->to, 1u);
  EXPECT_NEAR(move->bytes, 50'000, 3'001) << "half of what the receiver has is the farthest step";
  EXPECT_LT(move->lost, 1);
  EXPECT_GT(move->gained, 80);
}

TEST(BytesRule, MovesNothingBetweenClassesThatAreAlike) {
  auto const curve = curve_of(4000, 100'000);
  std::vector<BytesClaim> const claims{{200'000, 1000, 1, &curve}, {200'000, 1000, 1.2, &curve}};
  EXPECT_FALSE(propose_bytes_move(claims, {}));
}

TEST(BytesRule, MovesNothingForTooSmallAGain) {
  auto const starved = curve_of(4000, 100'000);
  auto const sated = curve_of(500, 100'000);
  std::vector<BytesClaim> const claims{{390'000, 1000, 1, &sated}, {390'000, 1000, 1, &starved}};
  EXPECT_FALSE(propose_bytes_move(claims, {.gain_min = 0.5}));
}

TEST(BytesRule, LeavesEveryClassItsFloor) {
  auto const hungry = curve_of(40'000, 100'000);
  auto const sated = curve_of(10, 100'000);
  std::vector<BytesClaim> const claims{{21'000, 1000, 1, &sated}, {979'000, 1000, 1, &hungry}};
  EXPECT_FALSE(propose_bytes_move(claims, {.gain_min = 0}));
  EXPECT_FALSE(propose_bytes_move(std::span(claims).first(1), {}));
}

}  // namespace
}  // namespace tableforge::tuner
