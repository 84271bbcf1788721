#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "tableforge/load/http_client.hpp"
#include "tableforge/load/replay.hpp"

#include "load/ask.hpp"
#include "load/entitlements.hpp"
#include "load/findings.hpp"
#include "load/frame_recorder.hpp"
#include "load/json.hpp"
#include "load/saboteur.hpp"
#include "load/table_client.hpp"

namespace tableforge::load {

/// What a table is made of.
struct TablePlan {
  std::size_t number = 0;  ///< From 1, for people.
  std::string system;
  std::vector<std::string> seats;
  bool seats_are_counted = false;  ///< The system has as many seats as one asks for.
};

/// One table on the server, with everybody who looks at it: a viewer per seat, then the dealer (gm), then a spectator.
///
/// Scripts act through it, one action after the other; meanwhile it plays tricks on the connections, and keeps track of
/// who may know what.
///
/// Threads: the executor's one thread.
/// Owns:    the clients; close() them before it goes.
/// Errors:  Trouble, when a game cannot go on.
class LiveTable {
 public:
  LiveTable(boost::asio::any_io_executor executor, ReplayOptions const &options, Endpoint const &server,
            std::uint64_t seed, Findings &findings, TablePlan plan);

  /// Makes players and table, connects everybody and seats who sits.
  [[nodiscard]] boost::asio::awaitable<void> open();
  [[nodiscard]] boost::asio::awaitable<void> close();

  [[nodiscard]] std::size_t seats() const { return plan_.seats.size(); }
  [[nodiscard]] std::size_t dealer() const { return seats(); }
  [[nodiscard]] std::size_t viewers() const { return seats() + 2; }
  [[nodiscard]] std::string const &seat(std::size_t seat) const { return plan_.seats[seat]; }
  [[nodiscard]] std::string const &player(std::size_t viewer) const { return clients_[viewer]->identity().player; }
  [[nodiscard]] std::string const &name() const { return name_; }

  /// The viewer's own picture of the table, once everything that was done so far is in it.
  [[nodiscard]] boost::asio::awaitable<TableModel const *> look(std::size_t viewer);
  /// Acts and returns the event as the actor got it. Throws Trouble if the server refuses.
  [[nodiscard]] boost::asio::awaitable<Json> act(std::size_t viewer, std::string op, Json data,
                                                 Json condition = nullptr);
  /// Tries what must be refused with this code.
  [[nodiscard]] boost::asio::awaitable<void> try_forbidden(std::size_t viewer, std::string op, Json data,
                                                           std::string code);
  void show_presence(std::size_t viewer, Json data);
  void mismatch(std::string const &what);

  /// Each viewer's own picture is sound, and is what the server shows that viewer.
  [[nodiscard]] boost::asio::awaitable<void> compare_pictures();
  /// The history of each viewer is what that viewer was told.
  [[nodiscard]] boost::asio::awaitable<void> compare_histories();

  [[nodiscard]] Entitlements &entitlements() { return entitlements_; }
  [[nodiscard]] Saboteur &saboteur() { return saboteur_; }
  /// No event from here on has been caused yet.
  [[nodiscard]] Seq next_seq() const { return seq_ + 1; }

 private:
  struct Member {
    std::string player;
    std::string token;
  };

  boost::asio::awaitable<Reply> ask(HttpRequest request);
  boost::asio::awaitable<Member> make_player(std::string name);
  boost::asio::awaitable<void> make_table(std::string token);
  boost::asio::awaitable<void> invite(std::string owner_token, std::string role, std::vector<Member> guests);
  void connect(std::string name, Member member);

  boost::asio::any_io_executor executor_;
  Endpoint server_;
  HttpClient http_;
  Findings &findings_;
  TablePlan plan_;
  std::string name_;
  std::chrono::milliseconds deadline_;
  Saboteur saboteur_;
  Entitlements entitlements_;
  std::optional<FrameRecorder> recorder_;
  std::string id_;
  std::vector<std::shared_ptr<TableClient>> clients_;
  Seq seq_ = 0;
};

}  // namespace tableforge::load
