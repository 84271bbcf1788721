#include "tableforge/runtime/ready_set.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "unit/runtime/turning.hpp"

namespace tableforge::runtime {
namespace {

/// Two connected sockets; the near one is in the set.
class Pair final : public Ready {
 public:
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_.data()), 0); }
  ~Pair() {
    for (int const fd : fds_) ::close(fd);
  }

  void on_ready(bool readable, bool writable) override {
    reads += readable ? 1 : 0;
    writes += writable ? 1 : 0;
    if (then) then();
  }

  [[nodiscard]] int near() const { return fds_[0]; }
  void send() const { EXPECT_EQ(::write(fds_[1], "x", 1), 1); }
  void take() const {
    std::array<char, 16> buffer{};
    EXPECT_GT(::read(fds_[0], buffer.data(), buffer.size()), 0);
  }

  int reads = 0;
  int writes = 0;
  std::function<void()> then;

 private:
  std::array<int, 2> fds_{};
};

class ReadySetTest : public Turning {
 protected:
  void turns(int count) {
    for (int i = 0; i < count; ++i) shard.turn();
  }
  ReadySet set{shard};
};

TEST_F(ReadySetTest, TellsInEachTurnAsLongAsThereIsSomethingToRead) {
  Pair pair;
  ASSERT_TRUE(set.add(pair.near(), pair));
  turns(3);
  EXPECT_EQ(pair.reads, 0);
  pair.send();
  while (pair.reads < 3) shard.turn();
  pair.take();
  turns(3);  // What was found before it was taken may still be told once.
  auto const told = pair.reads;
  turns(5);
  EXPECT_EQ(pair.reads, told);
  set.remove(pair.near(), pair);
}

TEST_F(ReadySetTest, TellsOfWritingOnlyWhereItIsWanted) {
  Pair pair;
  ASSERT_TRUE(set.add(pair.near(), pair));
  set.want_write(pair.near(), pair, true);
  while (pair.writes == 0) shard.turn();
  set.want_write(pair.near(), pair, false);
  turns(3);
  auto const told = pair.writes;
  turns(5);
  EXPECT_EQ(pair.writes, told);
  EXPECT_EQ(pair.reads, 0);
  set.remove(pair.near(), pair);
}

TEST_F(ReadySetTest, WhoIsRemovedInATurnHearsNothingMoreInIt) {
  Pair first;
  Pair second;
  ASSERT_TRUE(set.add(first.near(), first));
  ASSERT_TRUE(set.add(second.near(), second));
  // Whichever is told first removes the other.
  first.then = [&] {
    if (second.reads == 0 && first.reads == 1) set.remove(second.near(), second);
  };
  second.then = [&] {
    if (first.reads == 0 && second.reads == 1) set.remove(first.near(), first);
  };
  first.send();
  second.send();
  while (first.reads + second.reads == 0) shard.turn();
  EXPECT_EQ(first.reads + second.reads, 1);
  auto &left = first.reads > 0 ? first : second;
  set.remove(left.near(), left);
}

TEST_F(ReadySetTest, ReportsAnEndAsSomethingToRead) {
  auto pair = std::make_unique<Pair>();
  ASSERT_TRUE(set.add(pair->near(), *pair));
  ::shutdown(pair->near(), SHUT_RDWR);
  while (pair->reads == 0) shard.turn();
  set.remove(pair->near(), *pair);
}

TEST_F(ReadySetTest, HasMoreSocketsThanOneTurnTakes) {
  std::vector<std::unique_ptr<Pair>> pairs;
  for (std::size_t i = 0; i < ReadySet::kEventsMax + 10; ++i) {
    pairs.push_back(std::make_unique<Pair>());
    ASSERT_TRUE(set.add(pairs.back()->near(), *pairs.back()));
    pairs.back()->then = [pair = pairs.back().get()] { pair->take(); };
    pairs.back()->send();
  }
  auto const all = [&] { return std::ranges::all_of(pairs, [](auto const &pair) { return pair->reads == 1; }); };
  while (!all()) shard.turn();
  for (auto const &pair : pairs) set.remove(pair->near(), *pair);
}

}  // namespace
}  // namespace tableforge::runtime
