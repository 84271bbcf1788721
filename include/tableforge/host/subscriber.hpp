#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "tableforge/host/outbox.hpp"
#include "tableforge/protocol/close_code.hpp"

namespace tableforge::host {

/// One connection, as a table sees it. The gateway's session is one; a test's recorder is another.
///
/// Threads: the table's I/O thread only.
/// Owns:    its outbox. It leaves the table (TableHost::leave) before it is destroyed.
class Subscriber {
 public:
  virtual ~Subscriber() = default;

  /// At the end of a turn: writes these pieces, in order, and keeps what the socket does not take. False, and nothing
  /// is done, if something waits to be written before them: they belong into the outbox then. Never calls the table.
  [[nodiscard]] virtual bool deliver(std::span<Frame const> pieces) = 0;

  virtual Outbox &outbox() = 0;

  /// The outbox has something; to be written at the end of this turn. May be called often.
  virtual void outbox_filled() = 0;

  /// Sends what is in the outbox, then a goodbye and the close code. Later offers are lost; the subscriber leaves the
  /// table by itself, in a later turn.
  virtual void close(protocol::CloseReason reason, std::optional<std::chrono::milliseconds> retry_after) = 0;
};

}  // namespace tableforge::host
