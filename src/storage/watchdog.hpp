#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace tableforge::storage {

/// Ends waits on sockets that outlast their deadline.
///
/// libpq's blocking calls have no deadline of their own, and the server's statement_timeout does not help when it is
/// the server that hangs. Shutting the socket down makes the blocked call fail at once, with an unknown outcome.
///
/// Threads: any.
/// Owns:    one thread. Descriptors belong to the caller and outlive their watch.
class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

 private:
  struct Entry {
    int fd;
    Clock::time_point deadline;
  };

 public:
  /// While it lives, its socket is under watch.
  class Watch {
   public:
    Watch(Watchdog &dog, int fd, Clock::time_point deadline);
    ~Watch();
    Watch(Watch const &) = delete;
    Watch &operator=(Watch const &) = delete;

   private:
    Watchdog &dog_;
    std::list<Entry>::iterator entry_;
  };

  Watchdog();
  ~Watchdog();
  Watchdog(Watchdog const &) = delete;
  Watchdog &operator=(Watchdog const &) = delete;

  /// Ends all waits, those that begin later included.
  void cut_all();

 private:
  void run();

  std::mutex mutex_;  // Naked for the sake of the condition variable; it guards all that follows.
  std::condition_variable wake_;
  std::list<Entry> entries_;
  Clock::time_point wakes_at_ = Clock::time_point::max();
  bool cut_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tableforge::storage
