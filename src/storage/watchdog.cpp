#include "storage/watchdog.hpp"

#include <algorithm>

#include <sys/socket.h>

namespace tableforge::storage {

Watchdog::Watch::Watch(Watchdog &dog, int fd, Clock::time_point deadline) : dog_(dog) {
  bool earlier = false;
  {
    std::lock_guard lock(dog_.mutex_);
    entry_ = dog_.entries_.insert(dog_.entries_.end(), {fd, deadline});
    if (dog_.cut_) ::shutdown(fd, SHUT_RDWR);
    // Deadlines mostly grow, so the thread is rarely woken for a new one, and never for one that is gone.
    earlier = deadline < dog_.wakes_at_;
    if (earlier) dog_.wakes_at_ = deadline;
  }
  if (earlier) dog_.wake_.notify_one();
}

Watchdog::Watch::~Watch() {
  std::lock_guard lock(dog_.mutex_);
  dog_.entries_.erase(entry_);
}

Watchdog::Watchdog() : thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Watchdog::cut_all() {
  std::lock_guard lock(mutex_);
  cut_ = true;
  for (Entry const &entry : entries_) ::shutdown(entry.fd, SHUT_RDWR);
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    auto const now = Clock::now();
    wakes_at_ = Clock::time_point::max();
    for (Entry &entry : entries_) {
      if (entry.deadline <= now) {
        ::shutdown(entry.fd, SHUT_RDWR);
        entry.deadline = Clock::time_point::max();
      }
      wakes_at_ = std::min(wakes_at_, entry.deadline);
    }
    auto const until = wakes_at_;
    auto const changed = [&] { return ending_ || wakes_at_ != until; };
    if (until == Clock::time_point::max()) {
      wake_.wait(lock, changed);
    } else {
      wake_.wait_until(lock, until, changed);
    }
  }
}

}  // namespace tableforge::storage
