#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tableforge/base/ids.hpp"
#include "tableforge/load/http_client.hpp"
#include "tableforge/load/load.hpp"
#include "tableforge/ws/opcode.hpp"

#include "load/mark.hpp"

namespace tableforge::load {

enum class LoadKind : std::uint8_t { move, draw, dice, chat, presence };

/// Who one client is, and where it sits.
struct LoadSeat {
  std::uint32_t index = 0;    ///< Among all clients of the run.
  std::uint32_t table = 0;    ///< Counted from 0.
  std::uint32_t place = 0;    ///< Among the clients of the table; the first made the table.
  std::uint32_t players = 0;  ///< How many of those sit; they have the first places.
  std::uint32_t seats = 0;    ///< Of the table; some may stay empty.
  std::string table_id{};
  std::string token{};
  std::string client{};
  std::string piece{};      ///< The one that this client moves about.
  bool settled = false;     ///< Everything that precedes the load has been done.
  bool holds_card = false;  ///< As far as this client knows.

  [[nodiscard]] bool seated() const { return place < players; }
};

/// What a client is told that its dialect understood.
class Hearing {
 public:
  /// Sends something at once.
  virtual void reply(std::string_view message) = 0;
  /// From now on the load may begin.
  virtual void settled() = 0;
  /// The table's history as this client will see it goes on behind `head`; if `replayed`, it first gets what it missed.
  virtual void welcomed(Seq head, bool replayed) = 0;
  /// A new state took the place of what was not delivered.
  virtual void resynced(Seq head) = 0;
  virtual void event(Seq seq, std::optional<Mark> mark) = 0;
  virtual void presence(Mark mark) = 0;
  /// Of a server that only broadcasts: the sender's `number`th message.
  virtual void broadcast(Mark mark, std::uint64_t number) = 0;
  virtual void refused(std::string_view code) = 0;
  /// The server said something that it must not say.
  virtual void broken(std::string_view what) = 0;

 protected:
  ~Hearing() = default;
};

/// What all clients' dialects have together.
struct DialectShare {
  bool echo = true;            ///< Servers that only broadcast send a message to its sender too.
  std::uint64_t sample = 256;  ///< Every so many messages, one is checked in full.
  std::uint64_t until_check = 1;
  std::uint64_t checked = 0;
  std::uint64_t parsed = 0;  ///< Not written where the scanner expects it.
};

/// One client's side of one kind of server's language.
///
/// Threads: one. Lives as long as one connection.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// What must be asked for over HTTP before, if anything. reserved() takes the answer, and throws if it is of no use.
  [[nodiscard]] virtual std::optional<HttpRequest> reservation(LoadSeat const &) const { return std::nullopt; }
  virtual void reserved(std::string_view) {}
  [[nodiscard]] virtual std::string target(LoadSeat const &seat) const = 0;
  [[nodiscard]] virtual std::string subprotocol() const { return {}; }
  /// Of what is sent.
  [[nodiscard]] virtual ws::Opcode opcode() const { return ws::Opcode::text; }
  /// The connection is open. `resume` is the last seq of the connection before.
  virtual void opened(LoadSeat const &seat, std::optional<Seq> resume, Hearing &hearing) = 0;
  /// Appends the client's `number`th message.
  virtual void compose(std::string &out, LoadSeat &seat, LoadKind kind, Mark mark, std::uint64_t number) = 0;
  virtual void take(std::string_view message, LoadSeat &seat, Hearing &hearing) = 0;
};

std::unique_ptr<Dialect> make_tableforge_dialect(DialectShare &share);
std::unique_ptr<Dialect> make_ws_dialect(DialectShare &share);
std::unique_ptr<Dialect> make_socket_io_dialect(DialectShare &share);
std::unique_ptr<Dialect> make_colyseus_dialect(DialectShare &share);
std::unique_ptr<Dialect> make_nats_dialect(DialectShare &share);
std::unique_ptr<Dialect> make_dialect(LoadDialect dialect, DialectShare &share);

}  // namespace tableforge::load
