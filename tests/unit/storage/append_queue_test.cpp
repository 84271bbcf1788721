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
  return {{.append = std::move(append), .done = [](host::Appended) {}}, AppendQueue::Clock::now()};
}

void push(AppendQueue &queue, Seq seq, std::size_t bytes = 1) {
  PendingAppend one = pending(seq, bytes);
  ASSERT_TRUE(queue.push({&one, 1}));
}

std::vector<Seq> seqs(std::vector<PendingAppend> const &batch) {
  std::vector<Seq> out;
  for (PendingAppend const &one : batch) out.push_back(one.append.first_seq);
  return out;
}

/// What a writer gets that comes for a batch when nobody else commits one.
std::vector<Seq> take(AppendQueue &queue, std::size_t rows_max, std::size_t bytes_max = 100) {
  auto const batch = queue.take({.rows_max = rows_max, .bytes_max = bytes_max, .overlap_rows = 1, .gather_max = 1h});
  if (!batch.empty()) queue.finished();
  return seqs(batch);
}

TEST(AppendQueue, HandsOutAllThatWaitsInOrder) {
  AppendQueue queue;
  for (Seq seq = 1; seq <= 3; ++seq) push(queue, seq);
  EXPECT_EQ(take(queue, 100), (std::vector<Seq>{1, 2, 3}));
}

TEST(AppendQueue, KeepsToItsBoundsButMovesOn) {
  AppendQueue queue;
  for (Seq seq = 1; seq <= 3; ++seq) push(queue, seq);
  push(queue, 4, 1'000);
  push(queue, 5);
  EXPECT_EQ(take(queue, 2), (std::vector<Seq>{1, 2}));
  EXPECT_EQ(take(queue, 10), (std::vector<Seq>{3}));
  EXPECT_EQ(take(queue, 10), (std::vector<Seq>{4})) << "one that is over the bound by itself goes alone";
  EXPECT_EQ(take(queue, 10), (std::vector<Seq>{5}));
}

TEST(AppendQueue, HandsOutWhatWaitedAtItsClose) {
  AppendQueue queue;
  push(queue, 1);
  queue.close();
  PendingAppend late = pending(2);
  EXPECT_FALSE(queue.push({&late, 1}));
  EXPECT_TRUE(late.done) << "what was not taken over still belongs to the caller";
  EXPECT_EQ(take(queue, 10), (std::vector<Seq>{1}));
  EXPECT_TRUE(take(queue, 10).empty());
}

TEST(AppendQueue, WakesWhoWaitsForTheFirst) {
  AppendQueue queue;
  std::vector<Seq> taken;
  std::thread taker([&] { taken = take(queue, 10); });
  push(queue, 7);
  taker.join();
  EXPECT_EQ(taken, (std::vector<Seq>{7}));
}

/// Rows that no test waits for: what is not worth a batch by itself would stay for ever.
constexpr AppendQueue::Bounds kGathering{.rows_max = 100, .bytes_max = 100, .overlap_rows = 3, .gather_max = 1h};

/// One batch, which stays under way.
void take_first(AppendQueue &queue) {
  push(queue, 1);
  EXPECT_EQ(seqs(queue.take(kGathering)), (std::vector<Seq>{1}));
}

TEST(AppendQueue, GathersRowsWhileAnotherBatchIsBeingCommitted) {
  AppendQueue queue;
  take_first(queue);
  std::vector<Seq> second;
  std::thread other([&] { second = seqs(queue.take(kGathering)); });
  for (Seq seq = 2; seq <= 4; ++seq) push(queue, seq);
  other.join();
  EXPECT_EQ(second, (std::vector<Seq>{2, 3, 4}));
}

TEST(AppendQueue, WaitsForNoRowsOnceTheOtherBatchIsDone) {
  AppendQueue queue;
  take_first(queue);
  queue.finished();
  push(queue, 2);
  EXPECT_EQ(seqs(queue.take(kGathering)), (std::vector<Seq>{2}));
}

TEST(AppendQueue, IsNotHeldUpForeverByABatchThatIsStuck) {
  AppendQueue queue;
  take_first(queue);
  auto bounds = kGathering;
  bounds.gather_max = 20ms;
  auto const begin = AppendQueue::Clock::now();
  push(queue, 2);
  EXPECT_EQ(seqs(queue.take(bounds)), (std::vector<Seq>{2}));
  EXPECT_GE(AppendQueue::Clock::now() - begin, bounds.gather_max);
}

TEST(AppendQueue, LargeBodiesAreReasonEnoughForASecondBatch) {
  AppendQueue queue;
  take_first(queue);
  push(queue, 2, 50);
  EXPECT_EQ(seqs(queue.take(kGathering)), (std::vector<Seq>{2}));
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
