#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tableforge/host/frame.hpp"
#include "tableforge/host/presence_key.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::host {

/// Bounded queue of encoded frames between one table and one client that cannot keep up: who can is written to at the
/// end of each turn and never has anything in here.
///
/// The table offers, the session takes what it can write. A full outbox never blocks the table: it discards its
/// content and the client is resynced when it has caught up, because a late delta is worth less than a fresh snapshot.
///
/// Threads: the table's I/O thread only; its sessions live there too.
/// Owns:    its share of the frames. Memory of its own only while something waits.
/// Bounds:  past outbox_soft_bytes presence is dropped; past outbox_bytes_max everything is. Both are read on each
///          offer.
/// Errors:  none; the outcome of offer() is data, not a failure.
class Outbox {
 public:
  enum class Offered : std::uint8_t {
    queued,
    dropped,     ///< A presence frame, and the client is behind. The next one tells more anyway.
    overflowed,  ///< The queue was emptied and takes nothing until the client is resynced.
  };

  Outbox(Knobs const &knobs, metrics::HostMetrics &metrics) : knobs_(knobs), metrics_(metrics) {}

  Offered offer(Frame frame);
  /// Replaces an older frame of the same key that still waits.
  Offered offer_presence(PresenceKey const &key, Frame frame);

  /// After an overflow: whether the session has written what it had taken, so that a resync may start afresh.
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  void recover() { overflowed_ = false; }

  /// The oldest frame, or nothing.
  std::optional<Frame> take();

  [[nodiscard]] bool empty() const { return !backlog_; }
  [[nodiscard]] std::size_t bytes() const { return backlog_ ? backlog_->bytes : 0; }

 private:
  struct Entry {
    Frame frame;
    std::optional<PresenceKey> presence;
  };

  /// Never without an entry that has not been taken.
  struct Backlog {
    std::vector<Entry> queue;
    std::size_t first = 0;  ///< Of those that have not been taken.
    std::size_t bytes = 0;
  };

  Offered queue(Entry entry);

  Knobs const &knobs_;
  metrics::HostMetrics &metrics_;
  // Apart: there are many connections, and few of them are slow at a time.
  std::unique_ptr<Backlog> backlog_;
  bool overflowed_ = false;
};

}  // namespace tableforge::host
