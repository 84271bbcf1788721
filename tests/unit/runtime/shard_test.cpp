#include "tableforge/runtime/shard.hpp"

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/runtime/shards.hpp"

namespace tableforge::runtime {
namespace {

/// Writes down when it was flushed, and can do something more then.
class Recorder final : public Flushable {
 public:
  Recorder(std::string name, std::vector<std::string> &events) : name_(std::move(name)), events_(events) {}
  void flush() override {
    events_.push_back("flush " + name_);
    if (then) then();
  }

  std::function<void()> then;

 private:
  std::string name_;
  std::vector<std::string> &events_;
};

class ShardTest : public testing::Test {
 protected:
  ShardTest() { shard.adopt_this_thread(); }

  metrics::RuntimeMetrics metrics;
  Shard shard{0, metrics};
  std::vector<std::string> events;
};

using Events = std::vector<std::string>;

TEST_F(ShardTest, FlushesOnceAfterAllHandlersOfATurn) {
  Recorder a("a", events);
  for (int i = 0; i < 3; ++i) {
    shard.post([&] {
      events.emplace_back("handler");
      shard.mark_dirty(a);
    });
  }
  EXPECT_EQ(shard.turn(), 3u);
  EXPECT_EQ(events, (Events{"handler", "handler", "handler", "flush a"}));
}

TEST_F(ShardTest, FlushesInTheOrderOfMarking) {
  Recorder a("a", events);
  Recorder b("b", events);
  shard.mark_dirty(b);
  shard.mark_dirty(a);
  shard.mark_dirty(b);
  shard.turn();
  EXPECT_EQ(events, (Events{"flush b", "flush a"}));
}

TEST_F(ShardTest, FlushesAheadOfTheOthersWhatIsMarkedSo) {
  Recorder a("a", events);
  Recorder b("b", events);
  Recorder c("c", events);
  shard.mark_dirty(a);
  shard.mark_dirty_first(c);
  shard.mark_dirty(b);
  shard.mark_dirty_first(c);
  shard.turn();
  EXPECT_EQ(events, (Events{"flush c", "flush a", "flush b"}));
}

TEST_F(ShardTest, FlushesNothingThatWasNotMarkedAgain) {
  Recorder a("a", events);
  shard.mark_dirty(a);
  shard.turn();
  shard.turn();
  EXPECT_EQ(events.size(), 1u);
}

TEST_F(ShardTest, ForgetsWhatIsDestroyedBeforeItsFlush) {
  Recorder a("a", events);
  auto b = std::make_unique<Recorder>("b", events);
  shard.mark_dirty(*b);
  shard.mark_dirty(a);
  b.reset();
  shard.turn();
  EXPECT_EQ(events, (Events{"flush a"}));
}

TEST_F(ShardTest, LetsAFlushDestroyItselfAndTheNext) {
  auto a = std::make_unique<Recorder>("a", events);
  auto b = std::make_unique<Recorder>("b", events);
  Recorder c("c", events);
  a->then = [&] {
    b.reset();
    a.reset();
  };
  shard.mark_dirty(*a);
  shard.mark_dirty(*b);
  shard.mark_dirty(c);
  shard.turn();
  EXPECT_EQ(events, (Events{"flush a", "flush c"}));
}

TEST_F(ShardTest, FlushesInTheSameTurnWhatAFlushMarked) {
  Recorder a("a", events);
  Recorder b("b", events);
  a.then = [&] { shard.mark_dirty(b); };
  shard.mark_dirty(a);
  shard.turn();
  EXPECT_EQ(events, (Events{"flush a", "flush b"}));
}

TEST_F(ShardTest, BoundsWhatAFlushCanCause) {
  Recorder a("a", events);
  a.then = [&] { shard.mark_dirty(a); };
  shard.mark_dirty(a);
  shard.turn();
  EXPECT_EQ(events.size(), Shard::kFlushRoundsMax);
}

TEST_F(ShardTest, FlushesAfterABoundedNumberOfHandlers) {
  Recorder a("a", events);
  std::size_t handled = 0;
  std::function<void()> again = [&] {
    ++handled;
    shard.mark_dirty(a);
    shard.post(again);
  };
  shard.post(again);
  shard.turn();
  EXPECT_EQ(handled, Shard::kPollsMax);
  EXPECT_EQ(events.size(), 1u);
}

TEST(Shard, WhatAFlushLeftDirtyDoesNotWaitForInput) {
  metrics::RuntimeMetrics metrics;
  Shard shard(0, metrics);
  std::vector<std::string> events;
  Recorder a("a", events);
  a.then = [&] { events.size() < 3 * Shard::kFlushRoundsMax ? shard.mark_dirty(a) : shard.stop(); };
  shard.post([&] { shard.mark_dirty(a); });
  // Without input this returns only because the loop does not wait while something is dirty.
  shard.run();
  EXPECT_EQ(events.size(), 3 * Shard::kFlushRoundsMax);
  EXPECT_GE(metrics.turn.snapshot().count(), 3u);
}

TEST(Shard, KnowsItsThread) {
  metrics::RuntimeMetrics metrics;
  Shard shard(0, metrics);
  EXPECT_FALSE(shard.on_this_thread());
  std::promise<bool> inside;
  std::thread thread([&] { shard.run(); });
  shard.post([&] { inside.set_value(shard.on_this_thread()); });
  EXPECT_TRUE(inside.get_future().get());
  EXPECT_FALSE(shard.on_this_thread());
  shard.stop();
  thread.join();
}

TEST(Shards, GiveATableOneShardForEver) {
  metrics::RuntimeMetrics metrics;
  Shards shards(3, metrics);
  std::vector<int> tables(3);
  for (int i = 0; i < 300; ++i) {
    TableId const table(Uuid::random());
    Shard &shard = shards.of(table);
    EXPECT_EQ(&shard, &shards.of(table));
    ++tables[shard.index()];
  }
  for (int const count : tables) EXPECT_GT(count, 30);
}

TEST(Shards, RunOnThreadsOfTheirOwnUntilDestroyed) {
  metrics::RuntimeMetrics metrics;
  std::vector<std::thread::id> threads;
  {
    Shards shards(2, metrics);
    shards.start();
    for (std::size_t i = 0; i < shards.size(); ++i) {
      std::promise<std::thread::id> id;
      shards[i].post([&] { id.set_value(std::this_thread::get_id()); });
      threads.push_back(id.get_future().get());
    }
  }
  EXPECT_NE(threads[0], threads[1]);
  EXPECT_NE(threads[0], std::this_thread::get_id());
}

}  // namespace
}  // namespace tableforge::runtime
