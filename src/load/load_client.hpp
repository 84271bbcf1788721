#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/dialect.hpp"
#include "load/load_socket.hpp"
#include "load/load_tally.hpp"
#include "load/sequence.hpp"

namespace tableforge::load {

class LoadClient;

/// What the clients of one table know of each other.
struct LoadTable {
  std::string id;
  std::uint32_t first = 0;    ///< The index of its first client; the others follow.
  std::uint32_t clients = 0;  ///< Slow readers included.
  std::uint32_t there = 0;    ///< How many may send and must receive now.
  Seq head = 0;               ///< The highest seq that anybody has seen.
};

/// What all clients of a run have together.
struct LoadFloor {
  LoadFloor(runtime::Shard &shard) : sockets(shard) {}

  [[nodiscard]] std::int64_t now() const {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now() - origin).count();
  }

  std::chrono::steady_clock::time_point origin = std::chrono::steady_clock::now();
  LoadSockets sockets;
  LoadTally tally;
  DialectShare share;
  LoadDialect dialect = LoadDialect::tableforge;
  std::string message;                                         ///< What is being composed.
  std::function<void()> changed;                               ///< Somebody settled.
  std::function<void(LoadClient &, std::string_view)> lost;    ///< A connection ended by itself.
  std::function<void(LoadClient &, std::string_view)> broken;  ///< The protocol was.
  std::function<void(std::string_view)> refused;
};

/// One client: a connection and what must be true of what it receives. It survives its connections.
///
/// Threads: the shard's.
class LoadClient final : private LoadSocket::Listener, private Hearing {
 public:
  enum class Presence : std::uint8_t { absent, arriving, there };

  LoadClient(LoadFloor &floor, LoadTable &table, LoadSeat seat, bool slow);
  LoadClient(LoadClient const &) = delete;
  LoadClient &operator=(LoadClient const &) = delete;

  /// Begins a connection's life: where it leads, and then with an upgraded descriptor and what came behind the upgrade.
  [[nodiscard]] Dialect &prepare();
  [[nodiscard]] bool open(int fd, std::span<char> early);
  void send(LoadKind kind, std::int64_t due);
  /// Ends the connection as a network does, or properly.
  void cut();
  void close();
  /// Of a slow reader: the next few bytes.
  void read_slowly(std::size_t bytes_max);

  [[nodiscard]] LoadSeat &seat() { return seat_; }
  [[nodiscard]] LoadTable const &table() const { return table_; }
  [[nodiscard]] bool slow() const { return slow_; }
  [[nodiscard]] bool there() const { return presence_ == Presence::there; }
  [[nodiscard]] bool absent() const { return presence_ == Presence::absent; }
  /// Whether all it sent was answered, and it has seen whatever happened at its table.
  [[nodiscard]] bool caught_up() const;
  [[nodiscard]] std::uint64_t unanswered() const { return unanswered_; }
  [[nodiscard]] std::uint64_t in_doubt() const { return in_doubt_; }
  /// Events that it should have seen by now and has not.
  [[nodiscard]] std::uint64_t behind() const;
  /// The same of a broadcast of `sent` messages by another client.
  [[nodiscard]] std::uint64_t behind(LoadClient const &sender) const;

 private:
  void on_message(std::string_view message) override;
  void on_end(std::string_view why) override;

  void reply(std::string_view message) override;
  void settled() override;
  void welcomed(Seq head, bool replayed) override;
  void resynced(Seq head) override;
  void event(Seq seq, std::optional<Mark> mark) override;
  void presence(Mark mark) override;
  void broadcast(Mark mark, std::uint64_t number) override;
  void refused(std::string_view code) override;
  void broken(std::string_view what) override;

  void leave();
  void acknowledge(Mark mark);
  void note(Sequence::Found found);

  LoadFloor &floor_;
  LoadTable &table_;
  LoadSeat seat_;
  std::unique_ptr<Dialect> dialect_;
  std::optional<LoadSocket> socket_;
  Sequence events_;
  std::vector<Sequence> broadcasts_;        // By the sender's place.
  std::vector<std::int64_t> presence_due_;  // Likewise: of the latest.
  Presence presence_ = Presence::absent;
  bool slow_ = false;
  bool seen_state_ = false;
  bool whole_ = true;    // No connection has ended before this one, so every broadcast was due here.
  Seq replayed_to_ = 0;  // What comes with a resume was not sent to somebody who was there.
  std::int64_t arrived_ = 0;
  std::int64_t left_ = 0;
  std::int64_t now_ = 0;  // Of what is being received.
  std::uint64_t sent_ = 0;
  std::uint64_t unanswered_ = 0;
  std::uint64_t in_doubt_ = 0;  // Unanswered when a connection ended.
};

}  // namespace tableforge::load
