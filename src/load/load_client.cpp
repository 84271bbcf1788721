#include "load/load_client.hpp"

#include <algorithm>
#include <utility>

namespace tableforge::load {

LoadClient::LoadClient(LoadFloor &floor, LoadTable &table, LoadSeat seat, bool slow)
    : floor_(floor), table_(table), seat_(std::move(seat)), presence_due_(seat_.players), slow_(slow) {
  if (floor_.dialect != LoadDialect::tableforge) broadcasts_.resize(seat_.players);
}

Dialect &LoadClient::prepare() {
  presence_ = Presence::arriving;
  dialect_ = make_dialect(floor_.dialect, floor_.share);
  return *dialect_;
}

bool LoadClient::open(int fd, std::span<char> early) {
  LoadSocket::Listener &listener = *this;  // Which nobody else can see.
  socket_.emplace(floor_.sockets, listener);
  if (!socket_->open(fd, !slow_)) {
    presence_ = Presence::absent;
    return false;
  }
  now_ = floor_.now();
  dialect_->opened(seat_, seen_state_ ? std::optional(events_.last()) : std::nullopt, *this);
  socket_->take(early);
  return true;
}

void LoadClient::send(LoadKind kind, std::int64_t due) {
  auto &message = floor_.message;
  message.clear();
  dialect_->compose(message, seat_, kind, {.sender = seat_.index, .due = due}, ++sent_);
  auto &stage = floor_.tally.of(due);
  stage.late.record(floor_.now() - due);
  if (kind == LoadKind::presence) {
    ++stage.counts.presence_sent;
    stage.presence_expected += table_.there - 1;
  } else {
    ++stage.counts.actions_sent;
    ++unanswered_;
  }
  socket_->send(message, dialect_->opcode());  // Last, for it may end the connection.
}

void LoadClient::read_slowly(std::size_t bytes_max) {
  if (socket_) socket_->read(bytes_max);
}

void LoadClient::cut() {
  if (socket_) socket_->cut();
  leave();
}

void LoadClient::close() {
  if (socket_) socket_->close();
  leave();
}

void LoadClient::leave() {
  if (presence_ == Presence::there && !slow_) --table_.there;
  if (presence_ != Presence::absent) left_ = floor_.now();
  presence_ = Presence::absent;
  whole_ = false;
  in_doubt_ += std::exchange(unanswered_, 0);
}

bool LoadClient::caught_up() const {
  if (slow_ || presence_ != Presence::there) return slow_;
  return unanswered_ == 0 && events_.last() >= table_.head;
}

std::uint64_t LoadClient::behind() const {
  bool const counts = presence_ == Presence::there && !slow_ && floor_.dialect == LoadDialect::tableforge;
  return counts && events_.last() < table_.head ? table_.head - events_.last() : 0;
}

std::uint64_t LoadClient::behind(LoadClient const &sender) const {
  if (!whole_ || slow_ || broadcasts_.empty() || !sender.seat_.seated()) return 0;
  auto const last = broadcasts_[sender.seat_.place].last();
  return last < sender.sent_ ? sender.sent_ - last : 0;
}

void LoadClient::on_message(std::string_view message) {
  now_ = floor_.now();
  dialect_->take(message, seat_, *this);
}

void LoadClient::on_end(std::string_view why) {
  leave();
  floor_.lost(*this, why);
}

void LoadClient::reply(std::string_view message) { socket_->send(message, dialect_->opcode()); }

void LoadClient::settled() {
  if (presence_ == Presence::there) return;
  presence_ = Presence::there;
  seat_.settled = true;
  arrived_ = floor_.now();
  if (!slow_) ++table_.there;
  floor_.changed();
}

void LoadClient::welcomed(Seq head, bool replayed) {
  seen_state_ = true;
  replayed_to_ = replayed ? head : 0;
  if (!replayed) events_.jump(head);
}

void LoadClient::resynced(Seq head) {
  ++floor_.tally.current().counts.resyncs;
  events_.jump(head);
}

void LoadClient::event(Seq seq, std::optional<Mark> mark) {
  auto &counts = floor_.tally.current().counts;
  ++counts.deliveries;
  note(events_.take(seq));
  table_.head = std::max(table_.head, seq);
  if (!mark) return;
  if (mark->sender == seat_.index) {
    acknowledge(*mark);
  } else if (!slow_ && seq > replayed_to_) {
    floor_.tally.of(mark->due).receipt.record(now_ - mark->due);
  }
}

void LoadClient::acknowledge(Mark mark) {
  auto &stage = floor_.tally.of(mark.due);
  ++stage.counts.actions_accepted;
  if (in_doubt_ > 0 && mark.due <= left_) {
    --in_doubt_;
    return;
  }
  if (unanswered_ > 0) --unanswered_;
  stage.ack.record(now_ - mark.due);
}

void LoadClient::presence(Mark mark) {
  auto const place = mark.sender - table_.first;
  if (place >= presence_due_.size() || mark.sender == seat_.index) {
    return broken("a presence came to a table, or a client, that it is not for");
  }
  auto &stage = floor_.tally.of(mark.due);
  auto &latest = presence_due_[place];
  if (mark.due == latest) ++stage.counts.doubled;
  if (mark.due < latest) ++stage.counts.disordered;
  latest = mark.due;
  if (slow_ || mark.due < arrived_) return;
  ++stage.counts.presence_deliveries;
  stage.presence.record(now_ - mark.due);
}

void LoadClient::broadcast(Mark mark, std::uint64_t number) {
  auto const place = mark.sender - table_.first;
  bool const own = mark.sender == seat_.index;
  if (place >= broadcasts_.size() || (own && !floor_.share.echo)) {
    return broken("a message came to a table, or a client, that it is not for");
  }
  auto &stage = floor_.tally.of(mark.due);
  auto const found = broadcasts_[place].take(number);
  if (floor_.share.echo) {
    ++stage.counts.deliveries;
    note(found);
    if (own) return acknowledge(mark);
    stage.receipt.record(now_ - mark.due);
  } else {
    // What did not come is told by how many were expected.
    note({.missing = 0, .late = found.late, .doubled = found.doubled});
    ++stage.counts.presence_deliveries;
    stage.presence.record(now_ - mark.due);
  }
}

void LoadClient::note(Sequence::Found found) {
  auto &counts = floor_.tally.current().counts;
  counts.lost += found.missing;
  if (found.doubled) ++counts.doubled;
  if (!found.late) return;
  ++counts.disordered;
  // It was counted when others overtook it, be that in this stage or the one before.
  if (counts.lost > 0) --counts.lost;
}

void LoadClient::refused(std::string_view code) {
  ++floor_.tally.current().counts.actions_refused;
  if (unanswered_ > 0) --unanswered_;
  floor_.refused(code);
}

void LoadClient::broken(std::string_view what) { floor_.broken(*this, what); }

}  // namespace tableforge::load
