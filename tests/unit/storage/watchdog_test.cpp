#include "storage/watchdog.hpp"

#include <array>
#include <optional>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tableforge::storage {
namespace {

using namespace std::chrono_literals;

/// Two connected sockets, of which the first is watched.
class WatchdogTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0); }
  void TearDown() override {
    for (int const fd : ends) ::close(fd);
  }
  /// What a blocked read of libpq would see: the end of the stream, or nothing within the wait.
  bool ended(std::chrono::milliseconds wait) const {
    pollfd waiting{.fd = ends[0], .events = POLLIN, .revents = 0};
    char byte = 0;
    return ::poll(&waiting, 1, static_cast<int>(wait.count())) == 1 && ::recv(ends[0], &byte, 1, 0) == 0;
  }
  std::array<int, 2> ends{};
  Watchdog dog;
};

TEST_F(WatchdogTest, EndsAWaitAtItsDeadline) {
  auto const begin = Watchdog::Clock::now();
  Watchdog::Watch const watch(dog, ends[0], begin + 50ms);
  EXPECT_TRUE(ended(30s));
  EXPECT_GE(Watchdog::Clock::now() - begin, 50ms);
}

TEST_F(WatchdogTest, HeedsAnEarlierDeadlineThatComesLater) {
  Watchdog::Watch const far(dog, ends[1], Watchdog::Clock::now() + 1h);
  Watchdog::Watch const near(dog, ends[0], Watchdog::Clock::now() + 20ms);
  EXPECT_TRUE(ended(30s));
}

TEST_F(WatchdogTest, LeavesAloneWhatIsNoLongerWatched) {
  std::array<int, 2> others{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, others.data()), 0);
  std::optional<Watchdog::Watch> over;
  over.emplace(dog, ends[0], Watchdog::Clock::now() + 20ms);
  over.reset();
  // Its neighbour's later deadline shows that the earlier one has passed.
  Watchdog::Watch const later(dog, others[0], Watchdog::Clock::now() + 60ms);
  pollfd waiting{.fd = others[0], .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&waiting, 1, 30'000), 1);
  EXPECT_FALSE(ended(0ms));
  for (int const fd : others) ::close(fd);
}

TEST_F(WatchdogTest, CutsPresentAndFutureWaits) {
  {
    Watchdog::Watch const present(dog, ends[0], Watchdog::Clock::now() + 1h);
    dog.cut_all();
    EXPECT_TRUE(ended(30s));
  }
  std::array<int, 2> others{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, others.data()), 0);
  Watchdog::Watch const future(dog, others[0], Watchdog::Clock::now() + 1h);
  char byte = 0;
  EXPECT_EQ(::recv(others[0], &byte, 1, 0), 0);
  for (int const fd : others) ::close(fd);
}

}  // namespace
}  // namespace tableforge::storage
