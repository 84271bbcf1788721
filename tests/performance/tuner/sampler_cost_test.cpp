#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/tuner/cache_sampler.hpp"

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;

/// Processor time of this thread, so that what else runs on the machine counts for little.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Nanoseconds of one call; the least of some rounds.
template <class F>
double cost_ns(std::vector<std::uint64_t> const &hashes, F &&call) {
  double least = 1e9;
  for (int round = 0; round < 9; ++round) {
    std::uint64_t sum = 0;
    double const begin = cpu_seconds();
    for (int repeat = 0; repeat < 20; ++repeat) {
      for (std::uint64_t const hash : hashes) sum += call(hash);
    }
    double const used = cpu_seconds() - begin;
    if (sum == 42) std::printf("\n");  // Somebody wants to know the sum.
    least = std::min(least, used * 1e9 / 20 / static_cast<double>(hashes.size()));
  }
  return least;
}

TEST(Sampler, CostsAtMostFiveNanosecondsALookup) {
  if (std::string_view(TABLEFORGE_BUILD_TYPE) != "Release") GTEST_SKIP() << "only a release build is worth a measure";
  tuner::CacheSampler sampler(10s);
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> unsampled;
  std::vector<std::uint64_t> sampled;
  while (unsampled.size() < 50'000) {
    auto const hash = random();
    (metrics::AccessFilter::is_sampled(hash) ? sampled : unsampled).push_back(hash);
  }
  auto now = 0us;
  double const nothing = cost_ns(unsampled, [](std::uint64_t hash) { return hash; });
  double const lookup = cost_ns(unsampled, [&](std::uint64_t hash) {
    if (sampler.wants(hash)) sampler.looked(hash, now += 100us, 0);
    return hash;
  });
  double const looked = cost_ns(sampled, [&](std::uint64_t hash) {
    if (sampler.wants(hash)) sampler.looked(hash, now += 100us, 0);
    return hash;
  });
  std::printf("a lookup that is not sampled %.2f ns, a sampled one %.0f ns\n", lookup - nothing, looked - nothing);
  EXPECT_LE(lookup - nothing, 5);
}

}  // namespace
}  // namespace tableforge::test
