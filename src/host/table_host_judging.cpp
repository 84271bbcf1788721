#include <algorithm>

#include "tableforge/base/check.hpp"
#include "tableforge/codec/event_body.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/log/log.hpp"

/// How a table judges actions ahead of the commit, and what it does with the journal's answers.
namespace tableforge::host {

void TableHost::enqueue(Waiting waiting) {
  context_.metrics.actions_pending.add(1);
  waiting_.push_back(std::move(waiting));
  if (reloading_) return;
  judge(waiting_.back());
  append_soon();
  release_settled();
}

void TableHost::judge(Waiting &waiting) {
  using Verdict = Waiting::Verdict;
  auto const started = Clock::now();
  auto const &action = waiting.action;
  auto const &state = latest();
  waiting.judged = state.seq;
  if (!action.client.value.empty()) {
    if (auto const *before = state.find_remembered(action.by, action.client, action.id)) {
      if (before->fingerprint == table::fingerprint(action)) {
        waiting.verdict = Verdict::repeat;
        waiting.repeated = before->seq;
        waiting.judged = before->seq;
      } else {
        waiting.verdict = Verdict::rejected;
        waiting.rejection = {table::Reject::id_reused, "this id was used for another action"};
      }
      return;
    }
  }
  auto decided = table::decide(state, action, wall_clock_now(), context_.chance);
  if (!decided) {
    waiting.verdict = Verdict::rejected;
    waiting.rejection = decided.error();
  } else {
    if (ahead_) table::apply(*ahead_, *decided);
    waiting.verdict = Verdict::event;
    waiting.judged = decided->seq;
    uncommitted_.push_back(std::move(*decided));
  }
  auto const now = Clock::now();
  context_.metrics.decide.record(now - started);
  context_.metrics.queue_wait.record(started - waiting.received);
}

/// With all that was decided. A copy is made only when a second action comes before the first is committed, which at
/// the pace of people is seldom.
table::State const &TableHost::latest() {
  if (!ahead_ && !uncommitted_.empty()) {
    ahead_ = committed_;
    for (auto const &event : uncommitted_) table::apply(*ahead_, event);
  }
  return ahead_ ? *ahead_ : committed_;
}

void TableHost::judge_again() {
  for (auto &waiting : waiting_) {
    if (waiting.verdict != Waiting::Verdict::refused) judge(waiting);
  }
  append_soon();
  release_settled();
}

/// At the turn's end, so that all which is decided until then makes one row, and goes with the rows of other tables.
void TableHost::append_soon() {
  if (in_flight_ > 0 || reloading_ || append_due_) return;
  if (uncommitted_.empty()) {
    one_at_a_time_ = false;
    return;
  }
  append_due_ = true;
  context_.appends.add(weak_from_this());
}

std::optional<Append> TableHost::next_append() {
  append_due_ = false;
  if (reloading_ || uncommitted_.empty()) return std::nullopt;
  in_flight_ = one_at_a_time_ ? 1 : std::min(uncommitted_.size(), kEventsPerRowMax);
  append_started_ = Clock::now();
  auto const events = std::span(uncommitted_).first(in_flight_);
  return Append{.table = committed_.id,
                .first_seq = events.front().seq,
                .n = static_cast<std::uint32_t>(events.size()),
                .append_id = Uuid::random(),
                .at = events.back().at,
                .body = codec::encode_events(events)};
}

void TableHost::appended(Appended outcome) {
  TF_CHECK(in_flight_ > 0);
  context_.metrics.commit.record(Clock::now() - append_started_);
  switch (outcome) {
    case Appended::committed: committed(std::exchange(in_flight_, 0)); break;
    case Appended::lost: lost(); break;
    case Appended::refused: refused(); break;
    case Appended::cancelled:
      // The process is ending and the outcome is unknown: whoever asked finds out from the next instance.
      in_flight_ = 0;
      closing_ = true;
      return;
  }
  use_heard();
}

void TableHost::committed(std::size_t events) {
  std::vector<table::Event> done(std::make_move_iterator(uncommitted_.begin()),
                                 std::make_move_iterator(uncommitted_.begin() + static_cast<std::ptrdiff_t>(events)));
  uncommitted_.erase(uncommitted_.begin(), uncommitted_.begin() + static_cast<std::ptrdiff_t>(events));
  tell_committed(done);
  append_soon();
  for (auto &event : done) {
    advance(std::move(event));
    release_settled();
  }
  if (committed_.seq - snapshot_seq_ >= snapshot_distance()) snapshot();
}

void TableHost::refused() {
  if (in_flight_ == 1) {
    auto const seq = uncommitted_.front().seq;
    auto const culprit = std::ranges::find_if(waiting_, [&](Waiting const &waiting) {
      return waiting.verdict == Waiting::Verdict::event && waiting.judged == seq;
    });
    TF_CHECK(culprit != waiting_.end());
    log::error("the database refused an event; its action is rejected",
               {{"table", committed_.id},
                {"seq", seq},
                {"op", table::op_word(culprit->action.operation.index())},
                {"action", culprit->action.id}});
    culprit->verdict = Waiting::Verdict::refused;
    culprit->judged = committed_.seq;
    culprit->rejection = {table::Reject::bad_request, "this action cannot be stored"};
  } else {
    one_at_a_time_ = true;
  }
  discard_ahead();
  judge_again();
}

void TableHost::lost() {
  discard_ahead();
  forget_known();
  bool const beaten_by_known = !heard_.empty() && heard_.front().row.first_seq == committed_.seq + 1;
  if (!beaten_by_known) reload();  // Else appended() uses it.
}

void TableHost::discard_ahead() {
  in_flight_ = 0;
  uncommitted_.clear();
  ahead_.reset();
}

void TableHost::reload() {
  context_.metrics.reloads.add();
  discard_ahead();
  reloading_ = true;
  runtime::spawn(context_.scope, "reload after a lost append", reload_rows());
}

runtime::asio::awaitable<Result<std::vector<Row>>> TableHost::read_newer() {
  constexpr std::chrono::seconds kReadLimit{10};
  auto const read = [&journal = context_.journal, id = committed_.id, seq = committed_.seq] {
    return journal.rows_after(id, seq);
  };
  co_return co_await context_.pool.run(read, kReadLimit);
}

runtime::asio::awaitable<void> TableHost::reload_rows() {
  constexpr std::chrono::milliseconds kPauseMax{2'000};
  auto const self = shared_from_this();
  std::chrono::milliseconds pause{20};
  bool read_again = false;
  for (;;) {
    auto const rows = co_await read_newer();
    if (rows && apply_rows(*rows)) {
      // What was told of while we read may be newer than what was read. If it does not fit then, it never will.
      if (apply_heard() || std::exchange(read_again, true)) break;
      continue;
    }
    static log::Limited limited(std::chrono::seconds(1));
    limited.warn("a table waits to read what another instance wrote",
                 {{"table", committed_.id}, {"seq", committed_.seq}});
    co_await runtime::sleep_for(pause);
    pause = std::min(pause * 2, kPauseMax);
  }
  if (!heard_.empty()) {
    context_.metrics.rows_unfit.add(heard_.size());
    heard_.clear();
  }
  reloading_ = false;
  judge_again();
}

bool TableHost::apply_rows(std::vector<Row> const &rows) {
  for (auto const &row : rows) {
    if (row.first_seq <= committed_.seq) continue;
    if (row.first_seq != committed_.seq + 1) return false;
    auto events = codec::decode_events(row.body, row.first_seq);
    if (!events) {
      log::error("a stored row cannot be understood", {{"table", committed_.id}, {"seq", row.first_seq}});
      return false;
    }
    for (auto &event : *events) advance(std::move(event));
  }
  return true;
}

}  // namespace tableforge::host
