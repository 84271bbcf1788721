#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/list.hpp>

#include "tableforge/gateway/identity.hpp"
#include "tableforge/host/open_tables.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/flushable.hpp"
#include "tableforge/runtime/ready_set.hpp"
#include "tableforge/runtime/scope.hpp"

#include "gateway/upgrade.hpp"

namespace tableforge::gateway {

namespace asio = boost::asio;

/// A place in the list of a shard's sessions; leaving it by being destroyed.
using SessionHook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct SessionListTag>,
                                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
struct SessionNode : SessionHook {};

class Session;

/// The table sockets of one shard, and what they share: the set that tells which of them are ready, the buffer that all
/// of them read into, and one watch that looks at everybody's deadlines, so that a session needs no timer.
///
/// Threads: the shard's only.
/// Owns:    the sessions. One that has ended is freed at the end of the turn.
class Sessions final : public runtime::Flushable, public std::enable_shared_from_this<Sessions> {
 public:
  static constexpr std::size_t kReadBytes = 16 * 1024;
  /// How often deadlines are looked at, which is how late they may be kept. 20,000 quiet sessions cost about 2 ms.
  static constexpr std::chrono::milliseconds kWatchInterval{250};

  struct Parts {
    runtime::Shard &shard;
    host::OpenTables &tables;
    TokenVerifier const &verify;
    Knobs const &knobs;
    metrics::GatewayMetrics &metrics;
    metrics::HostMetrics &host_metrics;
  };

  explicit Sessions(Parts const &parts);
  ~Sessions();
  Sessions(Sessions const &) = delete;
  Sessions &operator=(Sessions const &) = delete;

  [[nodiscard]] Parts const &parts() const { return parts_; }

  /// Starts the watch.
  void start();
  /// Opens the table and, if that goes well, the socket; else answers why not.
  void admit(Upgrade upgrade);
  /// Says goodbye to those whom no table knows, waits until all have gone or the limit has passed, and ends the rest.
  [[nodiscard]] asio::awaitable<void> close(std::chrono::steady_clock::duration limit);

  void flush() override;

 private:
  friend class Session;
  using List = boost::intrusive::list<SessionNode, boost::intrusive::base_hook<SessionHook>,
                                      boost::intrusive::constant_time_size<false>>;

  asio::awaitable<void> watch();
  static asio::awaitable<void> open(std::shared_ptr<Sessions> self, Upgrade upgrade);
  /// At the end of this turn the session leaves its table, and is freed if it has ended. Not at once: the table may be
  /// the caller, and in the midst of its members.
  void let_go(Session &session);

  Parts parts_;
  runtime::Scope scope_;
  // Borrowed by one session for one read and the decoding of what it brought; never across an await.
  std::array<char, kReadBytes> read_buffer_;
  runtime::ReadySet ready_;
  List list_;
  std::vector<Session *> parting_;
};

}  // namespace tableforge::gateway
