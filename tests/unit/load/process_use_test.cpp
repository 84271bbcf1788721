#include "load/process_use.hpp"

#include <atomic>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tableforge::load {
namespace {

using namespace std::chrono_literals;

/// Keeps this thread's CPU busy for so long, by the thread's own clock: how the machine shares it out does not matter.
void burn(std::chrono::nanoseconds cpu) {
  auto const spent = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  for (auto const end = spent() + cpu; spent() < end;) {
  }
}

/// A child that does something, says so, and waits to be killed.
class Child {
 public:
  explicit Child(void (*work)()) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      work();
      char const done = '.';
      if (::write(ends[1], &done, 1) != 1) ::_exit(1);
      ::pause();
      ::_exit(0);
    }
    ::close(ends[1]);
    char done = 0;
    worked_ = ::read(ends[0], &done, 1) == 1;
    ::close(ends[0]);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(Child const &) = delete;
  Child &operator=(Child const &) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool worked() const { return worked_; }

 private:
  pid_t pid_ = -1;
  bool worked_ = false;
};

TEST(ProcessUse, IsTheCpuOfAllThreadsAndNamesTheBusiest) {
  std::atomic<int> step = 0;
  std::thread busy([&] {
    ::pthread_setname_np(::pthread_self(), "busy-one");
    step = 1;
    step.notify_all();
    step.wait(1);
    burn(60ms);
    step = 3;
    step.notify_all();
    step.wait(3);
  });
  step.wait(0);
  auto const before = totals_of(::getpid());
  step = 2;
  step.notify_all();
  burn(15ms);
  for (int now = 2; now != 3; now = step) step.wait(now);
  auto const after = totals_of(::getpid());
  step = 4;
  step.notify_all();
  busy.join();

  auto const use = use_between(before, after, 1);
  ASSERT_TRUE(use);
  EXPECT_GE(use->cores, 0.07);
  EXPECT_GE(use->busiest_cores, 0.05);
  EXPECT_LT(use->busiest_cores, use->cores);
  EXPECT_EQ(use->busiest, "busy-one");
  EXPECT_GT(use->resident_bytes, 0U);
}

TEST(ProcessUse, OfAFamilyCountsChildrenThatLiveAndThoseThatHaveEnded) {
  Child const parent([] {
    pid_t const ended = ::fork();
    if (ended == 0) {
      burn(60ms);
      ::_exit(0);
    }
    ::waitpid(ended, nullptr, 0);
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(1);
    pid_t const living = ::fork();
    if (living == 0) {
      // It must not outlive its parent, which is killed.
      ::alarm(60);
      burn(80ms);
      ::close(ends[1]);
      ::pause();
      ::_exit(0);
    }
    ::close(ends[1]);
    char end = 0;
    if (::read(ends[0], &end, 1) != 0) ::_exit(1);
  });
  ASSERT_TRUE(parent.worked());

  auto const totals = totals_of_family(parent.pid());
  ASSERT_TRUE(totals);
  ASSERT_EQ(totals->parts.size(), 1U);
  EXPECT_GE(totals->parts[0].cpu, 80ms);
  EXPECT_GE(totals->cpu, 130ms) << "60 ms of it in ticks of 10 ms";
  EXPECT_GT(totals->resident_bytes, 0U);
  ::kill(totals->parts[0].id, SIGKILL);
}

TEST(ProcessUse, IsNothingOfAProcessThatIsNotThere) {
  pid_t const gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);

  EXPECT_FALSE(totals_of(gone));
  EXPECT_FALSE(totals_of_family(gone));
  EXPECT_FALSE(use_between(totals_of(::getpid()), std::nullopt, 1));
}

}  // namespace
}  // namespace tableforge::load
