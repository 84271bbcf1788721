#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "tableforge/base/ids.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::host {

/// Bytes ready for a socket. One encoding serves every connection that may know the same.
using Frame = std::shared_ptr<std::string const>;

/// What a presence frame is about: of the same player and thing only the latest is worth sending.
struct PresenceKey {
  PlayerId player;
  std::uint8_t kinds = 0;  ///< Bits: cursor, drag, typing, online.
  std::optional<PieceId> piece;
  bool operator==(PresenceKey const &) const = default;
};

/// Bounded queue of encoded frames between one table and one client.
///
/// The table offers, the session takes what it can write. A full outbox never blocks the table: it discards its
/// content and the client is resynced when it has caught up, because a late delta is worth less than a fresh snapshot.
///
/// Threads: the table's I/O thread only; its sessions live there too.
/// Owns:    its share of the frames.
/// Bounds:  past outbox_soft_bytes presence is dropped; past outbox_bytes_max everything is. Both are read on each
/// offer. Errors:  none; the outcome of offer() is data, not a failure.
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

  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Frame frame;
    std::optional<PresenceKey> presence;
  };

  Knobs const &knobs_;
  metrics::HostMetrics &metrics_;
  std::deque<Entry> queue_;
  std::size_t bytes_ = 0;
  bool overflowed_ = false;
};

}  // namespace tableforge::host
