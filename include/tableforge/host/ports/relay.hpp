#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/ids.hpp"
#include "tableforge/host/ports/journal.hpp"
#include "tableforge/protocol/client_message.hpp"

namespace tableforge::host {

/// What a table hears of the other instances at which it is open.
///
/// Threads: the shard's.
class RelayListener {
 public:
  /// A row that another instance committed, in whichever order. Without a body: there is one, to be read.
  virtual void row_came(Row row) = 0;
  /// What somebody shows elsewhere, as they sent it: nobody has judged it.
  virtual void presence_came(PlayerId player, protocol::Presence const &presence) = 0;
  /// RelayLine::online_elsewhere() has another answer from now on.
  virtual void elsewhere_changed(PlayerId player, bool is_online) = 0;
  /// Something may have been said that was not heard.
  virtual void may_have_missed() = 0;
  struct Here {
    Seq seq = 0;                   ///< The last that is committed, as far as is known.
    std::vector<PlayerId> online;  ///< Connected to this instance.
  };
  [[nodiscard]] virtual Here here() const = 0;

 protected:
  ~RelayListener() = default;
};

/// One table's line to the other instances at which it is open. Gone, they are told so.
///
/// What is told is dropped where no other instance is known, at the cost of one comparison, and where it cannot leave
/// at once.
///
/// Threads: the shard's.
/// Errors:  none: whatever is lost is found by looking.
class RelayLine {
 public:
  virtual ~RelayLine() = default;

  /// Waits until nothing that others tell from now on is missed, at most so long. Nothing waits where that cannot be.
  [[nodiscard]] virtual boost::asio::awaitable<void> connected(std::chrono::steady_clock::duration limit) = 0;
  /// What was heard of rows until now, in order, and then whatever comes. Once.
  virtual void attend(std::weak_ptr<RelayListener> listener) = 0;

  /// Whether another instance is known to have this table open.
  [[nodiscard]] virtual bool shared() const = 0;
  virtual void committed(Row row) = 0;
  virtual void showed(PlayerId player, protocol::Presence const &presence) = 0;
  /// The first connection of a player here, and the end of the last one.
  virtual void came(PlayerId player) = 0;
  virtual void left(PlayerId player) = 0;
  [[nodiscard]] virtual bool online_elsewhere(PlayerId player) const = 0;
};

/// What one shard's tables tell other instances at once: rows that are committed, what people show, who is there. Only
/// an optimisation: the journal's key alone decides, and each instance looks for what it was not told.
///
/// Threads: the shard's.
class Relay {
 public:
  virtual ~Relay() = default;

  /// The table's line; the same one for as long as anybody has it.
  [[nodiscard]] virtual std::shared_ptr<RelayLine> follow(TableId table) = 0;
};

}  // namespace tableforge::host
