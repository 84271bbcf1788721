#include "tableforge/tuner/ttl_model.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

/// The least of J by a scan in steps of a thousandth.
double least_cost(TtlModel const &model) {
  double least = model.cost(1e-4);
  for (double ttl = 1e-4; ttl < 1e4; ttl *= 1.001) least = std::min(least, model.cost(ttl));
  return least;
}

TEST(TtlModel, CostsAMissWithoutALifetime) {
  TtlModel const model{.reads = 5, .writes = 0.1, .miss_cost = 3, .stale_cost = 7};
  EXPECT_DOUBLE_EQ(model.cost(0), 3);
}

TEST(TtlModel, CostsAStaleReadWithAnEndlessOne) {
  TtlModel const model{.reads = 5, .writes = 0.1, .miss_cost = 3, .stale_cost = 7};
  EXPECT_NEAR(model.cost(1e9), 7, 1e-6);
}

TEST(TtlModel, AgreesWithASimulation) {
  TtlModel const model{.reads = 2, .writes = 0.3, .miss_cost = 3, .stale_cost = 7, .hold_cost = 0.5};
  constexpr double kTtl = 1.7;
  std::mt19937_64 random(1);
  std::exponential_distribution<double> read(model.reads);
  std::exponential_distribution<double> write(model.writes);
  double now = 0;
  double filled = -kTtl;
  double next_write = write(random);
  double last_write = -1;
  double cost = 0;
  constexpr int kReads = 400'000;
  for (int i = 0; i < kReads; ++i) {
    now += read(random);
    while (next_write <= now) {
      last_write = next_write;
      next_write += write(random);
    }
    if (now - filled >= kTtl) {
      filled = now;
      cost += model.miss_cost + model.hold_cost * kTtl;
    } else if (last_write > filled) {
      cost += model.stale_cost;
    }
  }
  EXPECT_NEAR(cost / kReads / model.cost(kTtl), 1, 0.01);
}

TEST(TtlModel, HasItsBestWhereTheClosedFormSays) {
  // At most 0.2 % above the least where μT is small, as it is if a stale read costs more than a load.
  for (double const reads : {0.01, 0.3, 4.0, 100.0}) {
    for (double const writes : {0.001, 0.02, 0.5}) {
      TtlModel const model{.reads = reads, .writes = writes, .miss_cost = 1, .stale_cost = 20};
      EXPECT_LE(model.cost(model.best_ttl()), least_cost(model) * 1.002) << reads << ' ' << writes;
    }
  }
}

TEST(TtlModel, LivesShorterWhenItIsWrittenMoreOrMemoryCosts) {
  TtlModel const seldom{.reads = 5, .writes = 0.1, .miss_cost = 3, .stale_cost = 7};
  TtlModel const often{.reads = 5, .writes = 1, .miss_cost = 3, .stale_cost = 7};
  EXPECT_LT(often.best_ttl(), seldom.best_ttl());
  TtlModel held = seldom;
  held.hold_cost = 1;
  EXPECT_GT(held.cost(10) - seldom.cost(10), held.cost(1) - seldom.cost(1));
}

}  // namespace
}  // namespace tableforge::tuner
