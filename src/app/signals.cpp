#include "app/signals.hpp"

#include <cerrno>
#include <ctime>
#include <string_view>

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "tableforge/base/check.hpp"

namespace tableforge::app {

namespace {

sigset_t stop_set() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

sigset_t awaited_set() {
  sigset_t set = stop_set();
  ::sigaddset(&set, SIGUSR1);
  return set;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  TF_CHECK(::sigaction(signal, &action, nullptr) == 0);
}

/// The kernel's own exit. Sanitizers put theirs into _exit() and take a thread that has ended, and would have been
/// joined a moment later, for a leak; and what they do there is nothing for a signal handler.
[[noreturn]] void exit_now(int status) {
  for (;;) ::syscall(SYS_exit_group, status);
}

// A handler instead of the default action, which the kernel withholds from the first process of a container.
extern "C" void exit_by_signal(int signal) { exit_now(128 + signal); }

extern "C" void exit_by_deadline(int) {
  constexpr std::string_view kWords = "tableforge: the shutdown did not end within its deadline; ending it\n";
  // Nothing is lost by it: what was acknowledged is committed, and the rest was never seen.
  [[maybe_unused]] ssize_t const written = ::write(STDERR_FILENO, kWords.data(), kWords.size());
  exit_now(1);
}

}  // namespace

StopSignals::StopSignals() {
  sigset_t const set = awaited_set();
  TF_CHECK(::pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  handle(SIGPIPE, SIG_IGN);
}

void StopSignals::ask() {
  // To the process: all its threads block it, and wait_for() takes it, or nobody does.
  TF_CHECK(::kill(::getpid(), SIGUSR1) == 0);
}

void StopSignals::wait() {
  while (!wait_for(std::chrono::hours(24))) {
  }
}

bool StopSignals::wait_for(std::chrono::milliseconds limit) {
  if (came_) return true;
  sigset_t const set = awaited_set();
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
  timespec const time{.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(limit - seconds).count()};
  // An interruption counts as the limit: callers look at the world and come back.
  came_ = ::sigtimedwait(&set, nullptr, &time) > 0;
  return came_;
}

void StopSignals::end_at_once(std::chrono::milliseconds limit) {
  handle(SIGTERM, exit_by_signal);
  handle(SIGINT, exit_by_signal);
  handle(SIGALRM, exit_by_deadline);
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
  itimerval const timer{
      .it_interval = {},
      .it_value = {.tv_sec = seconds.count(), .tv_usec = std::chrono::microseconds(limit - seconds).count()}};
  TF_CHECK(::setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  sigset_t const set = stop_set();
  TF_CHECK(::pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0);
}

}  // namespace tableforge::app
