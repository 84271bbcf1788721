#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/epoll.h>

#include "tableforge/runtime/flushable.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::runtime {

/// Who is told that its socket can be read or written.
class Ready {
 public:
  /// Called in the shard's turn, again in each turn as long as it is so (level-triggered): take a bounded share and
  /// return. May remove itself or others from the set, and may destroy itself after doing so.
  virtual void on_ready(bool readable, bool writable) = 0;

 protected:
  ~Ready() = default;
};

/// Many sockets of one shard behind a single wait: an epoll set of its own, nested in the shard's.
///
/// Asio's own waits cost an epoll_ctl per message and socket, and half a kilobyte per waiting coroutine; measured, this
/// set costs neither. A socket in the set must not be awaited through Asio as well.
///
/// Threads: the shard's only.
/// Owns:    the epoll set. Sockets and handlers are the callers', who remove them before they close or destroy them.
/// Bounds:  up to kEventsMax sockets a turn, each told once; the others have the next one, after what this one wrote
/// has
///          left.
/// Errors:  add() says false when the kernel refuses (too many watches); what happens to a socket itself is found by
///          reading it: errors and hang-ups are reported as readable.
class ReadySet final : public Flushable {
 public:
  static constexpr std::size_t kEventsMax = 1024;

  explicit ReadySet(Shard &shard);
  ~ReadySet();
  ReadySet(ReadySet const &) = delete;
  ReadySet &operator=(ReadySet const &) = delete;

  /// Reports `fd` to `ready` when it can be read.
  [[nodiscard]] bool add(int fd, Ready &ready);
  /// Whether to report that it can be written too; only of use after a write was cut short.
  void want_write(int fd, Ready &ready, bool wanted);
  /// Nothing is reported to `ready` any more, not even what was found in this turn.
  void remove(int fd, Ready &ready);

  /// The end of a turn: looks for more.
  void flush() override;

 private:
  void dispatch();

  Shard &shard_;
  boost::asio::posix::stream_descriptor epoll_;
  std::array<epoll_event, kEventsMax> events_{};
  std::size_t found_ = 0;  // In events_, during dispatch().
  std::size_t next_ = 0;   // The first of them that has not been told.
};

}  // namespace tableforge::runtime
