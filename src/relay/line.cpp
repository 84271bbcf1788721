#include "relay/line.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "relay/wire.hpp"

namespace tableforge::relay {

RedisRelay::Line::Line(Wire &wire, TableId table) : wire_(wire), table_(table), channel_(wire.channel_of(table)) {}

RedisRelay::Line::~Line() {
  if (shared()) {
    tell(Farewell{});
    wire_.metrics().shared.sub();
  }
  wire_.unfollow(*this);
}

asio::awaitable<void> RedisRelay::Line::connected(Clock::duration limit) {
  auto const self = shared_from_this();
  if (!wire_.listening() || wire_.hears(*this)) co_return;
  auto const timer = std::make_shared<asio::steady_timer>(wire_.shard().executor(), limit);
  waiting_.push_back(timer);
  static_cast<void>(co_await timer->async_wait(asio::as_tuple(asio::use_awaitable)));
  std::erase(waiting_, timer);
  if (!wire_.hears(*this)) wire_.metrics().late.add();
}

void RedisRelay::Line::attend(std::weak_ptr<host::RelayListener> listener) {
  listener_ = std::move(listener);
  attended_ = true;
  auto const early = std::exchange(early_, {});
  auto const table = listener_.lock();
  if (!table) return;
  for (auto const &row : early) table->row_came(row);
  if (std::exchange(missed_, false)) table->may_have_missed();
}

void RedisRelay::Line::tell(Content content) {
  if (shared()) static_cast<void>(wire_.tell(*this, std::move(content)));
}

void RedisRelay::Line::committed(host::Row row) { tell(Committed{.row = std::move(row), .told_at = wall_clock_now()}); }

void RedisRelay::Line::showed(PlayerId player, protocol::Presence const &presence) {
  tell(Showed{.player = player, .presence = presence});
}

void RedisRelay::Line::came(PlayerId player) { tell(Came{player}); }

void RedisRelay::Line::left(PlayerId player) { tell(Left{player}); }

void RedisRelay::Line::joined(Clock::time_point now) {
  for (auto const &timer : waiting_) timer->cancel();
  greet(true, now);
}

void RedisRelay::Line::missed() {
  if (!attended_) {
    missed_ = true;
  } else if (auto const table = listener_.lock()) {
    table->may_have_missed();
  }
}

void RedisRelay::Line::greet(bool asks, Clock::time_point now) {
  auto const table = listener_.lock();
  auto here = table ? table->here() : host::RelayListener::Here{};
  bool const told = wire_.tell(*this, Greeting{.asks = asks, .seq = here.seq, .online = std::move(here.online)});
  // What could not be said is said at the next look round.
  greets_at_ = told ? now + wire_.greeting_distance(shared()) : Clock::time_point::min();
  if (told && asks) asked_at_ = now;
}

void RedisRelay::Line::look_round(Clock::time_point now) {
  bool const was_shared = shared();
  auto const change = company_.forget(now - wire_.patience());
  wire_.metrics().forgotten.add(change.forgotten);
  pass_on(change, was_shared);
  // One that lost what it knew asks, and so does one that knows nobody.
  if (now >= greets_at_) greet(!shared() || greets_at_ == Clock::time_point::min(), now);
}

void RedisRelay::Line::hear(Message message, Clock::time_point now) {
  bool const was_shared = shared();
  company_.heard(message.sender, now);
  if (auto *const greeting = std::get_if<Greeting>(&message.content)) {
    take(std::move(*greeting), message.sender, now);
  } else if (std::holds_alternative<Farewell>(message.content)) {
    pass_on(company_.parted(message.sender), was_shared);
  } else if (auto const *const came = std::get_if<Came>(&message.content)) {
    pass_on(company_.came(message.sender, came->player), was_shared);
  } else if (auto const *const left = std::get_if<Left>(&message.content)) {
    pass_on(company_.left(message.sender, left->player), was_shared);
  } else if (auto *const committed = std::get_if<Committed>(&message.content)) {
    take(std::move(*committed));
  } else if (auto const *const showed = std::get_if<Showed>(&message.content)) {
    if (auto const table = listener_.lock()) table->presence_came(showed->player, showed->presence);
  }
}

void RedisRelay::Line::take(Greeting greeting, Uuid const &sender, Clock::time_point now) {
  // Later than this it is no answer, but what others say from time to time.
  constexpr std::chrono::seconds kAnswerMax{2};
  bool const was_shared = shared();
  auto const change = company_.greeted(sender, std::move(greeting.online), now);
  if (!greeting.asks && asked_at_) {
    if (now - *asked_at_ <= kAnswerMax) wire_.metrics().round_trip.record(now - *asked_at_);
    asked_at_.reset();
  }
  // One that is met while people are here already, and things happen, has been told nothing of them.
  if (greeting.asks || (change.first_heard && attended_)) greet(false, now);
  // From now on others are to be assured, more often than nobody was.
  if (!was_shared && shared()) greets_at_ = std::min(greets_at_, now + wire_.greeting_distance(true));
  pass_on(change, was_shared);
  // A row that was committed between our reading and the other's knowing of us was told to nobody.
  if (greeting.seq > 0) {
    take(Committed{.row = {.first_seq = greeting.seq, .n = 1, .append_id = {}, .at = {}, .body = {}}, .told_at = {}});
  }
}

void RedisRelay::Line::take(Committed committed) {
  // Clocks that differ by more than the way takes say nothing about it.
  constexpr std::chrono::seconds kAgeMax{10};
  auto const age = wall_clock_now() - committed.told_at;
  if (age >= age.zero() && age < kAgeMax) wire_.metrics().row_age.record(age);
  if (!attended_) {
    keep_early(std::move(committed.row));
  } else if (auto const table = listener_.lock()) {
    table->row_came(std::move(committed.row));
  }
}

void RedisRelay::Line::keep_early(host::Row row) {
  if (early_.size() >= kEarlyRowsMax || early_bytes_ + row.body.size() > kEarlyBytesMax) {
    // The newest alone, without its body: that there is something to read is all that can be kept.
    early_.clear();
    early_bytes_ = 0;
    row.body.clear();
  }
  early_bytes_ += row.body.size();
  early_.push_back(std::move(row));
}

void RedisRelay::Line::pass_on(Company::Change const &change, bool was_shared) {
  if (shared() != was_shared) wire_.metrics().shared.add(shared() ? 1 : -1);
  auto const table = listener_.lock();
  if (!table) return;
  for (auto const player : change.came) table->elsewhere_changed(player, true);
  for (auto const player : change.left) table->elsewhere_changed(player, false);
}

}  // namespace tableforge::relay
