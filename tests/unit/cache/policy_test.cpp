#include "tableforge/cache/policy.hpp"

#include <deque>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::cache {
namespace {

/// Nodes by number, as a store would keep them.
class Nodes {
 public:
  explicit Nodes(std::size_t weight_max, std::uint64_t seed = 1) : policy(weight_max, seed) {}

  bool here(std::size_t number) { return number < nodes_.size() && nodes_[number].here; }

  void ask(std::size_t number, std::uint32_t weight = 1) {
    auto &node = node_of(number);
    if (node.here) return policy.touch(node);
    policy.miss(node.hash);
    put(number, weight);
  }

  void put(std::size_t number, std::uint32_t weight) {
    auto &node = node_of(number);
    node.here = true;
    node.weight = weight;
    Policy::List evicted;
    policy.add(node, evicted);
    note(evicted);
  }

  void reweigh(std::size_t number, std::uint32_t weight) {
    Policy::List evicted;
    policy.reweigh(node_of(number), weight, evicted);
    note(evicted);
  }

  bool trim(std::size_t evictions_max) {
    Policy::List evicted;
    bool const done = policy.trim(evictions_max, evicted);
    note(evicted);
    return done;
  }

  Policy policy;

 private:
  struct Known : Policy::Node {
    bool here = false;
  };

  Known &node_of(std::size_t number) {
    while (nodes_.size() <= number) {
      nodes_.emplace_back();
      nodes_.back().hash = StableHash().add(std::uint64_t{nodes_.size()}).value();
    }
    return nodes_[number];
  }

  void note(Policy::List &evicted) {
    while (auto *const node = evicted.oldest()) {
      evicted.remove(*node);
      static_cast<Known *>(node)->here = false;
    }
  }

  std::deque<Known> nodes_;
};

TEST(Policy, KeepsEverythingThatFits) {
  Nodes nodes(100);
  for (std::size_t i = 0; i < 100; ++i) nodes.ask(i);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_TRUE(nodes.here(i)) << i;
  EXPECT_EQ(nodes.policy.size(), 100);
  EXPECT_EQ(nodes.policy.weight(), 100);
}

TEST(Policy, KeepsWhatIsAskedForOftenThroughALongScan) {
  Nodes nodes(100);
  // Each of 50 again and again, with 200 others between that come but once.
  for (std::size_t i = 0; i < 20'000; ++i) nodes.ask(i % 5 == 0 ? i / 5 % 50 : 1000 + i);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < 50; ++i) kept += nodes.here(i) ? 1 : 0;
  EXPECT_GE(kept, 45) << "an LRU keeps 20";
}

TEST(Policy, RefusesALargeOneThatIsWorthLessThanWhatItWouldPushOut) {
  Nodes nodes(1000);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 100; ++i) nodes.ask(i, 10);
  }
  for (int i = 0; i < 5; ++i) nodes.ask(500, 600);  // 5 times, which is more than each of the 60, and less than all.
  EXPECT_FALSE(nodes.here(500));
  EXPECT_EQ(nodes.policy.weight(), 1000);
}

TEST(Policy, TakesALargeOneInPlaceOfThoseThatNobodyAsksFor) {
  Nodes nodes(1000);
  for (std::size_t i = 0; i < 100; ++i) nodes.put(i, 10);
  for (int i = 0; i < 5; ++i) nodes.ask(500, 600);
  EXPECT_TRUE(nodes.here(500));
  EXPECT_LE(nodes.policy.weight(), 1000);
  EXPECT_EQ(nodes.policy.size(), 41);
}

TEST(Policy, LetsChanceDecideAmongTheFrequent) {
  // The hashes are the same for both seeds: without chance they would end alike.
  auto const kept_with = [](std::uint64_t seed) {
    Nodes nodes(100, seed);
    std::vector<bool> kept;
    for (int round = 0; round < 600; ++round) {
      for (std::size_t i = 0; i < 120; ++i) nodes.ask(i);
    }
    for (std::size_t i = 0; i < 120; ++i) kept.push_back(nodes.here(i));
    return kept;
  };
  EXPECT_EQ(kept_with(1), kept_with(1));
  EXPECT_NE(kept_with(1), kept_with(2));
}

TEST(Policy, ForgetsWhatIsRemoved) {
  Policy policy(10, 1);
  Policy::Node node;
  node.weight = 4;
  Policy::List evicted;
  policy.add(node, evicted);
  policy.remove(node);
  EXPECT_EQ(policy.weight(), 0);
  EXPECT_EQ(policy.size(), 0);
}

TEST(Policy, MakesRoomForOneThatGrew) {
  Nodes nodes(100);
  for (std::size_t i = 0; i < 10; ++i) nodes.put(i, 10);
  nodes.ask(9);
  nodes.reweigh(9, 15);
  EXPECT_TRUE(nodes.here(9));
  EXPECT_LE(nodes.policy.weight(), 100);
  EXPECT_EQ(nodes.policy.size(), 9);
}

TEST(Policy, TrimsInSteps) {
  Nodes nodes(100);
  for (std::size_t i = 0; i < 100; ++i) nodes.put(i, 1);
  nodes.policy.set_weight_max(10);
  EXPECT_FALSE(nodes.trim(50));
  EXPECT_EQ(nodes.policy.size(), 50);
  EXPECT_TRUE(nodes.trim(50));
  EXPECT_EQ(nodes.policy.size(), 10);
}

TEST(Policy, KeepsTheLatestWhereOnlyTheLatestCount) {
  Nodes nodes(100);
  // Each is asked for again after 70 others, and then never.
  std::size_t hits = 0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    nodes.ask(i);
    if (i < 35) continue;
    hits += nodes.here(i - 35) ? 1 : 0;
    nodes.ask(i - 35);
  }
  EXPECT_GT(hits, 19'000);
}

TEST(Policy, KeepsTheEarlierWhereTheLatestIsAskedForLast) {
  Nodes nodes(100);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    hits += nodes.here(i % 200) ? 1 : 0;
    nodes.ask(i % 200);
  }
  EXPECT_GT(hits, 9'000) << "an LRU has none";
}

TEST(Policy, KnowsWhatItPushedOut) {
  Nodes nodes(100);
  // Half of those asked for come back, after so many others that they were pushed out long ago.
  for (std::size_t i = 0; i < 40'000; ++i) {
    nodes.ask(i % 2 == 0 ? 100'000 + i : (i / 2) % 150);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < 150; ++i) kept += nodes.here(i) ? 1 : 0;
  EXPECT_GT(kept, 80) << "an LRU keeps 50, none of which it has when it is asked for";
}

TEST(Policy, GivesWhatNobodyAskedForAChance) {
  Nodes nodes(100);
  // Put before they are asked for, as a writer does that knows the value.
  std::size_t hits = 0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    nodes.put(2 * i, 1);
    nodes.ask(2 * i + 1);
    if (i < 30) continue;
    hits += nodes.here(2 * (i - 30)) ? 1 : 0;
    nodes.ask(2 * (i - 30));
  }
  EXPECT_GT(hits, 18'000);
}

}  // namespace
}  // namespace tableforge::cache
