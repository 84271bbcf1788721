#include "storage/append_queue.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace tableforge::storage {
namespace {

using namespace std::chrono_literals;

PendingAppend pending(Seq seq, std::size_t bytes = 1) {
  host::Append append;
  append.first_seq = seq;
  append.body.assign(bytes, 'x');
  return {.append = std::move(append), .done = [](host::Appended) {}, .since = {}};
}

void push(AppendQueue &queue, Seq seq, std::size_t bytes = 1) {
  PendingAppend one = pending(seq, bytes);
  ASSERT_TRUE(queue.push(one));
}

std::vector<Seq> seqs(std::vector<PendingAppend> const &batch) {
  std::vector<Seq> out;
  for (PendingAppend const &one : batch) out.push_back(one.append.first_seq);
  return out;
}

TEST(AppendQueue, HandsOutAllThatWaitsInOrder) {
  AppendQueue queue;
  for (Seq seq = 1; seq <= 3; ++seq) push(queue, seq);
  EXPECT_EQ(seqs(queue.take(100, 100)), (std::vector<Seq>{1, 2, 3}));
}

TEST(AppendQueue, KeepsToItsBoundsButMovesOn) {
  AppendQueue queue;
  for (Seq seq = 1; seq <= 3; ++seq) push(queue, seq);
  push(queue, 4, 1'000);
  push(queue, 5);
  EXPECT_EQ(seqs(queue.take(2, 100)), (std::vector<Seq>{1, 2}));
  EXPECT_EQ(seqs(queue.take(10, 100)), (std::vector<Seq>{3}));
  EXPECT_EQ(seqs(queue.take(10, 100)), (std::vector<Seq>{4})) << "one that is over the bound by itself goes alone";
  EXPECT_EQ(seqs(queue.take(10, 100)), (std::vector<Seq>{5}));
}

TEST(AppendQueue, HandsOutWhatWaitedAtItsClose) {
  AppendQueue queue;
  push(queue, 1);
  queue.close();
  PendingAppend late = pending(2);
  EXPECT_FALSE(queue.push(late));
  EXPECT_TRUE(late.done) << "what was not taken over still belongs to the caller";
  EXPECT_EQ(seqs(queue.take(10, 100)), (std::vector<Seq>{1}));
  EXPECT_TRUE(queue.take(10, 100).empty());
}

TEST(AppendQueue, WakesWhoWaitsForTheFirst) {
  AppendQueue queue;
  std::vector<Seq> taken;
  std::thread taker([&] { taken = seqs(queue.take(10, 100)); });
  push(queue, 7);
  taker.join();
  EXPECT_EQ(taken, (std::vector<Seq>{7}));
}

TEST(AppendQueue, CutsPausesShortWhenAbandoned) {
  AppendQueue queue;
  auto const begin = AppendQueue::Clock::now();
  std::thread sleeper([&] { queue.pause(1h); });
  queue.abandon();
  sleeper.join();
  EXPECT_TRUE(queue.abandoned());
  EXPECT_LT(AppendQueue::Clock::now() - begin, 1min);
}

}  // namespace
}  // namespace tableforge::storage
