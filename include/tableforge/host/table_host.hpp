#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/container/deque.hpp>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/host/append_batch.hpp"
#include "tableforge/host/ports/journal.hpp"
#include "tableforge/host/ports/relay.hpp"
#include "tableforge/host/ports/snapshot_store.hpp"
#include "tableforge/host/ports/table_states.hpp"
#include "tableforge/host/presence_pace.hpp"
#include "tableforge/host/presence_window.hpp"
#include "tableforge/host/subscriber.hpp"
#include "tableforge/host/turn_log.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/encode.hpp"
#include "tableforge/runtime/blocking_pool.hpp"
#include "tableforge/runtime/flushable.hpp"
#include "tableforge/runtime/scope.hpp"
#include "tableforge/runtime/shard.hpp"
#include "tableforge/runtime/timer.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/event.hpp"
#include "tableforge/table/state.hpp"

namespace tableforge::host {

/// What every table of one shard is given.
struct HostContext {
  runtime::Shard &shard;
  runtime::Scope &scope;  ///< Of the shard; ends after its tables do.
  runtime::BlockingPool &pool;
  Journal &journal;
  AppendBatch &appends;             ///< The shard's own.
  PresenceWindow &presence_window;  ///< The shard's own.
  SnapshotStore &snapshots;
  TableStates *states = nullptr;  ///< Null: none are at hand, ever.
  table::Chance &chance;          ///< The shard's own.
  Knobs const &knobs;
  metrics::HostMetrics &metrics;
  TurnMemory &turn_memory;  ///< The shard's own.
  TurnLog::Framer framer;
  std::function<void(TableId, std::string const &)> renamed;  ///< After the commit of a table's new name.
  std::function<void()> look_soon = [] {};  ///< Rows of other instances may be there that nobody has told of.
};

/// A table as it was loaded: the committed state and the newest of the events that were replayed for it.
struct LoadedTable {
  table::State state;
  std::vector<table::Event> recent;
  Seq snapshot_seq = 0;
  /// The same state for others to begin with, if much had to be replayed.
  std::shared_ptr<KeptState const> worth_keeping = nullptr;
  /// What was at hand cannot be read, or is of another history.
  bool kept_is_wrong = false;
};

/// With fewer events than this, a state to begin with saves nothing that could be noticed.
inline constexpr std::size_t kWorthKeepingEvents = 32;

/// Reads the rows behind `kept`, or snapshot and rows without one, and replays them. Blocks; for the pool.
///
/// The row that holds the end of `kept` is read too: if the history has no such end, `kept` is from before the database
/// was set back, and is left aside.
/// Errors: not_found if the table has no row; unavailable, timeout, corrupt.
Result<LoadedTable> load_table(TableId table, Journal &journal, SnapshotStore &snapshots, std::size_t recent_max,
                               KeptState const *kept = nullptr);

/// The live home of one table: takes actions in their order of arrival, has them decided, journals the events and
/// releases what follows from them, in order and only after the commit.
///
/// Two states are kept while actions come faster than commits: the committed one, from which joins, reads and presence
/// are answered, and one ahead of it, against which actions are judged. Everything that was judged waits in one queue
/// until its seq is committed. If the append is lost to another writer, the state ahead is thrown away, the other's
/// rows are taken in, and the waiting actions are judged again in their order.
///
/// What other instances tell of through the relay is taken in at once where nothing of our own is with the journal.
/// Otherwise it waits for the journal's answer: if our append is lost, what beat it is at hand already.
///
/// What is released during a turn of the thread is written into one log, each message once, and leaves at the turn's
/// end, for each member in one write. Presence waits until then too, so that only the latest of a turn is encoded; and
/// where there is much of it, until the window of `presence_window_ms` is over or anything else is said.
///
/// Threads: the table's shard only.
/// Owns:    states, queue, recent events. Subscribers belong to the gateway.
/// Bounds:  kHeardRowsMax rows of others that wait; table_pending_actions_max waiting actions (further ones are
/// answered `storage_unavailable` or
///          `overloaded`), 64 of one client; replay_events_max recent events, none older than replay_age_max_ms (and a
///          second); outboxes as Outbox says.
/// Errors:  told to the client that asked, as protocol errors.
class TableHost final : public runtime::Flushable,
                        public Appender,
                        public PresenceHolder,
                        public RelayListener,
                        public std::enable_shared_from_this<TableHost> {
 public:
  /// At most this many actions of one client may wait for their commit.
  static constexpr std::size_t kUnacknowledgedMax = 64;
  /// A row stays small enough to be read back in one piece; what is left over makes the next row.
  static constexpr std::size_t kEventsPerRowMax = 64;
  /// How long an overflowed outbox may take to drain before its client is told to come back later.
  static constexpr std::chrono::seconds kSlowMax{15};
  /// A turn that says more than this, because many join a large table at once, is cut in two.
  static constexpr std::size_t kTurnBytesMax = 4 * 1024 * 1024;
  /// Presence that is held back leaves early when there is so much of it.
  static constexpr std::size_t kHeldBytesMax = 16 * 1024;
  /// Rows of others that wait until they can be used. While one append is under way, others write a few.
  static constexpr std::size_t kHeardRowsMax = 64;
  static constexpr std::size_t kHeardBytesMax = 1024 * 1024;
  /// Of different people and things, in one turn, from elsewhere.
  static constexpr std::size_t kShownElsewhereMax = 1'024;

  TableHost(HostContext const &context, LoadedTable loaded);
  ~TableHost();
  TableHost(TableHost const &) = delete;
  TableHost &operator=(TableHost const &) = delete;

  /// Somebody who was authenticated wants in. Answers with a welcome through the outbox, now or when a newcomer's own
  /// join is committed; or with an error and a close. An older connection of the same player and client is replaced.
  void join(Subscriber &subscriber, PlayerId player, std::string const &name, ClientId const &client,
            std::optional<Seq> resume);
  /// Does nothing for who is not there.
  void leave(Subscriber &subscriber);

  /// An action of somebody who has joined; `received` is when its frame was read.
  void submit(Subscriber &subscriber, protocol::Request request, std::chrono::steady_clock::time_point received);
  void presence(Subscriber &subscriber, protocol::Presence const &presence);
  /// The session has written all it had: if its outbox had overflowed, it is resynced now.
  void drained(Subscriber &subscriber);
  /// Before a session says its last: what this turn has for it goes into its outbox. Nothing for who is not there.
  void catch_up(Subscriber &subscriber);
  /// The end of a turn.
  void flush() override;
  void window_over() override;

  /// Makes somebody a member, or raises their role, as an invitation says. `done` follows the commit.
  void enrol(PlayerId player, std::string const &name, table::Role role, std::function<void(Result<void>)> done);

  /// The committed state as `viewer` may see it, as HTTP answers it.
  /// Errors: forbidden for strangers of a table that is reached by invitation only.
  [[nodiscard]] Result<std::string> read(PlayerId viewer) const;
  [[nodiscard]] bool may_read(PlayerId viewer) const;
  [[nodiscard]] table::State const &committed() const { return committed_; }

  /// Once, when it is at home: hears from then on what other instances tell, and tells them.
  void attend(std::shared_ptr<RelayLine> line);
  /// Tells other instances that nobody is here any more. For the end.
  void hang_up();

  /// Rows that another instance wrote, in any order; those that are known do no harm.
  void take_in(std::vector<Row> rows, metrics::RowSource source);
  void row_came(Row row) override;
  void presence_came(PlayerId player, protocol::Presence const &presence) override;
  void elsewhere_changed(PlayerId player, bool is_online) override;
  void may_have_missed() override { context_.look_soon(); }
  [[nodiscard]] Here here() const override;

  /// Whether rows found by looking may be of use: nothing of our own is under way.
  [[nodiscard]] bool settled() const { return waiting_.empty() && uncommitted_.empty() && !reloading_; }

  /// For the shard's housekeeping: since when nobody is here, if that is so and nothing is under way.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> idle_since() const;
  /// Writes a snapshot, off this thread, if events have come since the last one, and has it kept at hand.
  void snapshot();
  [[nodiscard]] bool has_snapshot() const { return snapshot_seq_ == committed_.seq; }
  /// Of the newest snapshot that is known of; 0: none.
  [[nodiscard]] Seq snapshot_seq() const { return snapshot_seq_; }
  /// Says goodbye to everybody, with retry hints spread over `spread`.
  void close_all(protocol::CloseReason reason, std::chrono::milliseconds spread);
  /// Closes connections whose outbox stayed full too long, forgets old events, and lets go of the second state and of
  /// spare memory when nobody acts.
  void tidy(std::chrono::steady_clock::time_point now);

  [[nodiscard]] std::size_t members() const { return members_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  using MemberId = TurnLog::MemberId;
  static constexpr std::size_t kShownKept = 16;  // A quiet table keeps no more than what a few people need.

  struct Member {
    static constexpr Clock::time_point kNotSlow = Clock::time_point::max();

    MemberId id = 0;
    Subscriber *subscriber = nullptr;
    PlayerId player;
    ClientId client;
    std::uint32_t from = 0;  ///< Where in this turn's log it began to listen.
    std::uint32_t unacknowledged = 0;
    Clock::time_point slow_since = kNotSlow;
    bool joined = false;  ///< Has its welcome; until then it hears nothing.
  };

  /// What somebody showed during this turn.
  struct Shown {
    MemberId member = 0;  ///< 0: of nobody here.
    PresenceKey key;
    protocol::Presence presence;
  };

  /// A row of another instance.
  struct Heard {
    Row row;
    metrics::RowSource source;
  };

  /// An action from its arrival until what follows from it may leave.
  struct Waiting {
    enum class Verdict : std::uint8_t {
      open,      ///< Not judged yet, or to be judged again.
      event,     ///< Became the event `judged`.
      rejected,  ///< By the rules, against the state at `judged`.
      refused,   ///< By the database, for good.
      repeat,    ///< Was the event `repeated` already.
    };

    table::Action action;
    MemberId member = 0;  ///< 0: nobody's connection.
    Clock::time_point received;
    std::optional<Seq> resume;                    ///< Of a newcomer who waits for their own join.
    bool welcomes = false;                        ///< A newcomer's join: their welcome follows it.
    std::function<void(Result<void>)> done = {};  ///< Of an enrolment.
    Verdict verdict = Verdict::open;
    Seq judged = 0;  ///< Leaves when this is committed.
    Seq repeated = 0;
    table::Rejection rejection = {};
  };

  // Judging.
  void enqueue(Waiting waiting);
  void judge(Waiting &waiting);
  [[nodiscard]] table::State const &latest();
  void judge_again();

  // Appending.
  void append_soon();
  std::optional<Append> next_append() override;
  void appended(Appended outcome) override;
  void committed(std::size_t events);
  void refused();
  void lost();
  void discard_ahead();
  void reload();
  runtime::asio::awaitable<void> reload_rows();
  /// From the journal, behind what is committed. The caller keeps this table alive.
  runtime::asio::awaitable<Result<std::vector<Row>>> read_newer();
  [[nodiscard]] bool apply_rows(std::vector<Row> const &rows);
  void tell_committed(std::span<table::Event const> events);

  // Rows of others.
  void keep_heard(Row row, metrics::RowSource source);
  void use_heard();
  [[nodiscard]] bool apply_heard();
  void forget_known();

  // Release.
  void advance(table::Event event);
  void release_settled();
  void release(Waiting &waiting);
  void broadcast(table::Event const &event);
  void resync_after(table::Event const &event);
  void repeat(Member &member, Seq seq);
  runtime::asio::awaitable<void> repeat_from_journal(MemberId member, Seq seq);
  void welcome(Member &member, std::optional<Seq> resume);
  void deliver_resync(Member &member);
  void refuse(Member &member, ActionId const &id, protocol::ErrorCode code, std::string_view message,
              protocol::ErrorDetails const &details = {});
  /// Encoded into the scratch: valid until the next message.
  [[nodiscard]] std::string_view event_message(table::Event const &event, std::optional<PlayerId> viewer);

  // A turn: what is said in it, and its end.
  void say(std::string_view message, std::span<MemberId const> but = {});
  void speak(std::string_view message, std::span<MemberId const> only);
  void tell(Member &member, std::string_view message);
  void keep_shown(MemberId member, PlayerId player, protocol::Presence const &presence);
  void show_presences();
  void show(Shown const &shown);
  [[nodiscard]] bool hold_back(bool shows);
  void hand_over_all();
  void hand_over(Member &member);
  void hand_to_outbox(Member &member);
  void offer(Member &member, Frame const &frame, PresenceKey const *key);
  void close(Member &member, protocol::CloseReason reason, std::optional<std::chrono::milliseconds> retry_after);

  // People.
  [[nodiscard]] bool is_news_to_us(Member const &member, std::optional<Seq> resume) const;
  runtime::asio::awaitable<void> join_after_looking(MemberId id, std::string name, std::optional<Seq> resume);
  void arrive(Member &member, std::string const &name, std::optional<Seq> resume);
  Member *find(Subscriber const &subscriber);
  Member *find(MemberId id);
  [[nodiscard]] bool online(PlayerId player) const;
  [[nodiscard]] bool connected_here(PlayerId player) const;
  void announce(PlayerId player, bool is_online);
  void replace_older(Member const &newer);

  [[nodiscard]] Seq snapshot_distance() const;
  void forget_old_events();
  void let_go();

  HostContext context_;
  table::State committed_;
  std::optional<table::State> ahead_;      ///< What latest() made, until nobody acts for a while.
  std::vector<table::Event> uncommitted_;  ///< Decided; the first `in_flight_` of them are with the journal.
  // Not of the standard library, whose deques take memory also while they are empty, which most tables' are.
  boost::container::deque<Waiting> waiting_;      ///< In order of arrival.
  boost::container::deque<table::Event> recent_;  ///< Newest committed events, for replay and repeats.
  std::vector<Heard> heard_;         ///< In order of seq. Empty unless something is with the journal, or read from it.
  std::shared_ptr<RelayLine> line_;  ///< Null: other instances tell nothing.
  std::unordered_map<MemberId, Member> members_;
  MemberId next_member_ = 1;
  TurnLog turn_;
  std::vector<Shown> shown_;
  Clock::time_point window_end_;  ///< Until then, presence may wait for more.
  bool holding_ = false;          ///< Will be told when the window is over.
  Clock::time_point held_since_;  ///< Of the first presence that waits; the epoch if none does.
  PresencePace pace_;
  std::string &message_;     ///< The shard's scratch: the message that is being encoded.
  bool append_due_ = false;  ///< At the end of this turn.
  std::size_t in_flight_ = 0;
  Clock::time_point append_started_;
  Clock::time_point acted_at_;
  bool one_at_a_time_ = false;  ///< After a refused row: find out which event the database cannot take.
  bool reloading_ = false;
  bool closing_ = false;
  Seq snapshot_seq_ = 0;
  bool snapshot_running_ = false;
  Clock::time_point left_at_;
};

}  // namespace tableforge::host
