#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "tableforge/base/ids.hpp"
#include "tableforge/load/endpoint.hpp"
#include "tableforge/load/ws_client.hpp"

#include "load/findings.hpp"
#include "load/frame_recorder.hpp"
#include "load/json.hpp"
#include "load/leak_scanner.hpp"
#include "load/saboteur.hpp"
#include "load/signal.hpp"
#include "load/table_model.hpp"

namespace tableforge::load {

/// Who looks at which table, and how patiently.
struct ViewerIdentity {
  std::string name;  ///< For people: "table 3 s1".
  std::string player;
  std::string token;
  std::string table;
  Endpoint server;
  std::chrono::milliseconds deadline{30'000};
};

/// The server's answer to an action: its event, or the error.
struct Answer {
  Json event;
  Json error;
  [[nodiscard]] bool accepted() const { return error.is_null(); }
  [[nodiscard]] Seq seq() const { return event.at("seq").get<Seq>(); }
};

/// One viewer of one table: connects, stays connected whatever happens, acts, and holds everything it is told against
/// what it was told before.
///
/// It resumes from the last seq it saw and sends unanswered actions again under their ids. Events have to
/// come without a gap; one that comes again has to be the very same, and the viewer must have asked for it by sending
/// an action twice. A state has to equal what the events make of the one before.
///
/// Threads: the executor's one thread.
/// Owns:    its connection; run() keeps the client alive until stop().
/// Bounds:  every wait ends after identity.deadline.
/// Errors:  contradictions are mismatches and leaks of the findings. What ends everything (the server refuses the
///          token, does not answer, cannot be reached) is thrown as Trouble by whatever waits or will wait.
class TableClient : public std::enable_shared_from_this<TableClient> {
 public:
  TableClient(boost::asio::any_io_executor executor, ViewerIdentity identity, LeakScanner scanner, Findings &findings,
              FrameRecorder *recorder);

  /// Begins to connect. `from` is the seq to resume from at first; 0 asks for the whole past.
  void start(std::optional<Seq> from);
  /// Says goodbye and waits, though not long, until the connection has ended. Nothing is resumed after this.
  [[nodiscard]] boost::asio::awaitable<void> stop();

  [[nodiscard]] boost::asio::awaitable<void> welcomed();
  /// Until this viewer has taken in the event.
  [[nodiscard]] boost::asio::awaitable<void> reached(Seq seq);
  /// Sends an action with the trick played on it, and waits for its answer.
  [[nodiscard]] boost::asio::awaitable<Answer> act(std::string op, Json data, Json condition, Trick trick,
                                                   std::chrono::microseconds moment);
  void send_presence(Json data);
  void cut(WsClient::Cut how);
  void cut_after(std::chrono::microseconds moment, WsClient::Cut how);

  /// Looks through an answer that came to this viewer by HTTP and tells of the table at `seq`.
  void inspect(std::string_view bytes, Json const &parsed, Seq seq);
  /// Holds a page of the table's history against the same events as they came live.
  void inspect_history(std::string_view bytes, Json const &page, Seq from);

  [[nodiscard]] TableModel const &model() const { return model_; }
  [[nodiscard]] ViewerIdentity const &identity() const { return identity_; }
  void mismatch(std::string const &what);

 private:
  using Clock = std::chrono::steady_clock;

  struct Pending {
    std::string id;
    std::string text;
    Clock::time_point sent_at;
    std::optional<Answer> answer;
    std::size_t copies = 0;  // How often its event came.
    bool sent = false;
    bool disturbed = false;  // Its latency says nothing.
  };

  enum class Ending : std::uint8_t { again, later, never };

  static boost::asio::awaitable<void> run(std::shared_ptr<TableClient> self);
  boost::asio::awaitable<Ending> hold_connection(std::shared_ptr<WsClient> connection);
  boost::asio::awaitable<void> await(std::function<bool()> condition, std::string what);
  void send_hello();
  void transmit(Pending &pending);
  void play(Trick trick, Pending &pending, std::chrono::microseconds moment);
  [[nodiscard]] Ending closed(ws::CloseCode code);
  void give_up(std::string why);

  void take_frame(std::string_view text);
  void take_message(Json const &message);
  void take_welcome(Json const &welcome);
  void take_state(Json const &state, Seq seq, std::string const &where);
  void take_event(Json const &event);
  void take_repeat(Json const &event, Seq seq);
  void take_error(Json const &error);
  void note_answer(Json const &event);
  /// After a contradiction, so that one is found once: comes back for a fresh state.
  void start_over();
  void retire_ids();
  void scan(Json const &message, Seq seq);
  void scan_bytes(std::string_view bytes, Json const &parsed);
  bool is_own(Json const &event) const;

  boost::asio::any_io_executor executor_;
  ViewerIdentity identity_;
  LeakScanner scanner_;
  Findings &findings_;
  FrameRecorder *recorder_;
  Signal signal_;
  TableModel model_;
  std::shared_ptr<WsClient> connection_;
  std::string client_;
  std::optional<Seq> resume_;                  // What the next hello asks for.
  std::optional<Seq> last_;                    // The newest event taken in; none before the first welcome.
  std::unordered_map<Seq, std::size_t> seen_;  // Hashes of the events' texts.
  std::map<std::string, std::shared_ptr<Pending>> pending_;
  std::unordered_map<std::string, std::optional<Seq>> answered_;  // All actions ever; refused ones have no seq.
  std::uint64_t action_ = 0;
  std::uint64_t connection_number_ = 0;
  std::chrono::milliseconds retry_after_{0};
  bool welcomed_ = false;
  bool cut_ = false;          // The present connection was ended by us.
  bool beyond_head_ = false;  // The last hello asked for what only a snapshot can answer.
  bool running_ = false;
  bool stopping_ = false;
  std::string trouble_;
};

}  // namespace tableforge::load
