#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "support/cache_traces.hpp"
#include "support/zipf.hpp"

namespace tableforge::cache {
namespace {

using test::CacheTrace;
using test::lru_hit_rate;
using test::optimal_hit_rate;
using test::policy_hit_rate;
using test::Zipf;

constexpr std::size_t kEntries = 1000;
constexpr std::uint64_t kOther = 1'000'000;  // Where keys begin that are different from those below.

void ask_loop(CacheTrace &trace, std::size_t keys, std::size_t asked) {
  for (std::size_t i = 0; i < asked; ++i) trace.ask(kOther + i % keys);
}

/// Each new key is asked for once more after twice `gap` others, and then never.
void ask_twice(CacheTrace &trace, std::size_t keys, std::size_t gap) {
  for (std::size_t i = 0; i < keys; ++i) {
    trace.ask(2 * kOther + i);
    if (i >= gap) trace.ask(2 * kOther + i - gap);
  }
}

TEST(HitRate, OfLruAndOptimumAreRightInASmallCase) {
  CacheTrace trace;
  for (auto const key : {1, 2, 3, 1, 2, 3, 3}) trace.ask(static_cast<std::uint64_t>(key));
  EXPECT_DOUBLE_EQ(lru_hit_rate(trace, 2), 1.0 / 7);
  EXPECT_DOUBLE_EQ(optimal_hit_rate(trace, 2), 3.0 / 7);  // 1 and 2 stay: hits at the second 1 and 2, and the last 3.
  EXPECT_DOUBLE_EQ(lru_hit_rate(trace, 3), 4.0 / 7);
  EXPECT_DOUBLE_EQ(optimal_hit_rate(trace, 3), 4.0 / 7);
  EXPECT_DOUBLE_EQ(policy_hit_rate(trace, 3), 4.0 / 7);
}

TEST(HitRate, OfZipfIsThatOfFrequency) {
  CacheTrace trace;
  Zipf zipf(50'000, 0.9, 1);
  for (int i = 0; i < 400'000; ++i) trace.ask(zipf());
  auto const rate = policy_hit_rate(trace, kEntries);
  EXPECT_GT(rate, lru_hit_rate(trace, kEntries) + 0.08);
  EXPECT_GT(rate, optimal_hit_rate(trace, kEntries) * 0.78);
}

TEST(HitRate, OfALoopIsNearlyTheOptimum) {
  CacheTrace trace;
  ask_loop(trace, 2 * kEntries, 200'000);
  EXPECT_LT(lru_hit_rate(trace, kEntries), 0.01);
  EXPECT_GT(policy_hit_rate(trace, kEntries), optimal_hit_rate(trace, kEntries) * 0.9);
}

TEST(HitRate, OfRecencyIsThatOfLru) {
  CacheTrace trace;
  ask_twice(trace, 100'000, kEntries * 3 / 10);
  auto const lru = lru_hit_rate(trace, kEntries);
  EXPECT_GT(lru, 0.49);
  EXPECT_GT(policy_hit_rate(trace, kEntries), lru * 0.85);
}

TEST(HitRate, FollowsFromRecencyToALoopAndBack) {
  CacheTrace trace;
  ask_twice(trace, 50'000, kEntries * 3 / 10);
  ask_loop(trace, 2 * kEntries, 200'000);
  ask_twice(trace, 50'000, kEntries * 3 / 10);
  EXPECT_LT(lru_hit_rate(trace, kEntries), optimal_hit_rate(trace, kEntries) * 0.55);
  EXPECT_GT(policy_hit_rate(trace, kEntries), optimal_hit_rate(trace, kEntries) * 0.78);
}

TEST(HitRate, RecoversWhenWhatIsHotChanges) {
  CacheTrace trace;
  for (std::uint64_t phase = 0; phase < 8; ++phase) {
    Zipf zipf(20'000, 0.9, phase);
    for (int i = 0; i < 50'000; ++i) trace.ask(phase * kOther + zipf());
  }
  auto const rate = policy_hit_rate(trace, kEntries);
  EXPECT_GT(rate, lru_hit_rate(trace, kEntries) + 0.02);
  EXPECT_GT(rate, optimal_hit_rate(trace, kEntries) * 0.76);
}

TEST(HitRate, OfZipfSuffersLittleFromScans) {
  CacheTrace trace;
  Zipf zipf(20'000, 0.9, 1);
  std::uint64_t never_again = kOther;
  std::size_t scanned = 0;
  for (int i = 0; i < 300'000; ++i) {
    trace.ask(zipf());
    if (i % 50'000 < 40'000) continue;
    for (int j = 0; j < 2; ++j, ++scanned) trace.ask(never_again++);
  }
  auto const rate = policy_hit_rate(trace, kEntries);
  EXPECT_GT(rate, lru_hit_rate(trace, kEntries) + 0.08);
  EXPECT_GT(rate, optimal_hit_rate(trace, kEntries) * 0.78);
}

/// Recorded accesses of databases, from outside of the project.
class RecordedHitRate : public testing::Test {
 protected:
  void SetUp() override {
    char const *const folder = std::getenv("TABLEFORGE_ACCEPTANCE_DIR");
    if (folder == nullptr) GTEST_SKIP() << "TABLEFORGE_ACCEPTANCE_DIR is not set: there are no recorded traces";
    folder_ = std::filesystem::path(folder) / "cache-traces";
  }

  CacheTrace recorded(std::initializer_list<std::string> names) {
    CacheTrace trace;
    for (auto const &name : names) append_recorded(trace, folder_ / (name + ".keys.gz"));
    return trace;
  }

 private:
  std::filesystem::path folder_;
};

/// The mean of some seeds: one alone may be 0.001 off.
double mean_hit_rate(CacheTrace const &trace, std::size_t entries) {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) sum += policy_hit_rate(trace, entries, seed);
  return sum / 4;
}

TEST_F(RecordedHitRate, OfRecencyThenALoopThenRecencyIsNearTheOptimum) {
  auto const trace = recorded({"corda", "loop", "corda"});
  EXPECT_NEAR(lru_hit_rate(trace, 513), 0.116, 0.0005);
  EXPECT_NEAR(optimal_hit_rate(trace, 513), 0.446, 0.0005);
  EXPECT_GE(policy_hit_rate(trace, 513), 0.44);
}

TEST_F(RecordedHitRate, OfALoopIsNearTheOptimum) { EXPECT_GE(policy_hit_rate(recorded({"loop"}), 512), 0.50); }

TEST_F(RecordedHitRate, OfMixedQueriesIsFarAboveLru) { EXPECT_GE(mean_hit_rate(recorded({"multi1"}), 1000), 0.64); }

TEST_F(RecordedHitRate, OfObjectsOfABusyServiceIsAboveThatOfLru) {
  auto const trace = recorded({"orm-busy"});
  EXPECT_NEAR(lru_hit_rate(trace, 1250), 0.790, 0.0005);
  EXPECT_GE(mean_hit_rate(trace, 1250), 0.802);
  EXPECT_GE(mean_hit_rate(trace, 5000), 0.84);
}

}  // namespace
}  // namespace tableforge::cache
