#include "gateway/session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/ws/encoder.hpp"

#include "gateway/close_words.hpp"

/// The life of a session and what it reads. session_writing.cpp has what it writes.
namespace tableforge::gateway {

using asio::ip::tcp;
using boost::system::error_code;
using protocol::ErrorCode;

namespace {

// A generous multiple, so that no honest client ever meets it, with a floor under knobs that are set low.
constexpr double kBudgetFactor = 4;
constexpr double kBudgetMin = 2'000;

// Silent for so many intervals: pinged after the first, it did not even answer that.
constexpr int kSilentIntervals = 2;

metrics::BadInput kind_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::unknown_op: return metrics::BadInput::unknown_op;
    case ErrorCode::too_large: return metrics::BadInput::too_large;
    default: return metrics::BadInput::shape;
  }
}

metrics::BadInput kind_of_broken_frame(ws::CloseCode code) {
  switch (code) {
    case ws::kCloseInvalidPayload: return metrics::BadInput::utf8;
    case ws::kCloseTooBig: return metrics::BadInput::too_large;
    default: return metrics::BadInput::frame;
  }
}

}  // namespace

Session::Session(std::shared_ptr<Sessions> here, tcp::socket socket, ConnectionSlot slot,
                 std::shared_ptr<host::TableHost> table)
    : here_(std::move(here)),
      socket_(std::move(socket)),
      slot_(std::move(slot)),
      table_(std::move(table)),
      decoder_(ws::Side::server, protocol::kClientMessageBytesMax),
      outbox_(here_->parts().knobs, here_->parts().host_metrics),
      opened_at_(Clock::now()),
      heard_at_(opened_at_) {}

Session::~Session() = default;

/// What must happen however run() ends, be it with its frame when the shard goes.
struct Session::Finish {
  explicit Finish(Session &its_session) : session(its_session) {}
  ~Finish() { session.finish(); }
  Finish(Finish const &) = delete;
  Finish &operator=(Finish const &) = delete;
  Session &session;
};

asio::awaitable<void> Session::run(std::string early) {
  auto const self = shared_from_this();
  // Being cancelled must not skip the tidying up, so it is asked for instead of thrown.
  co_await asio::this_coro::throw_if_cancelled(false);
  here_->list_.push_back(*this);
  metrics().connections_accepted.add();
  metrics().connections_open.add();
  Finish const finish(*this);
  error_code code;
  socket_.non_blocking(true, code);
  if (code) co_return;

  if (!early.empty()) {
    metrics().bytes_in.add(early.size());
    take_in(early);
    early = {};
  }
  while (phase_ != Phase::ended) {
    if (read_turn() == Input::more) {
      co_await asio::post(asio::use_awaitable);  // Others have waited for their turn meanwhile.
    } else if (phase_ != Phase::ended) {
      co_await socket_.async_wait(tcp::socket::wait_read, asio::as_tuple(asio::use_awaitable));
    }
    auto const cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) end(metrics::CloseReason::restarting);
  }
}

void Session::finish() {
  if (!over()) why_ = metrics::CloseReason::lost;
  phase_ = Phase::ended;
  SessionNode::unlink();
  metrics().connections_open.sub();
  metrics().connections_closed.at(why_).add();
  error_code ignored;  // Whatever it says, this is the end.
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  // When a shard is destroyed with its tasks, the tables are gone already.
  if (!here_->parts().shard.stopped()) leave_table();
}

void Session::watch(Clock::time_point now, Time wall_now) {
  switch (phase_) {
    case Phase::ended: return;
    case Phase::closing:
      if (now >= close_by_) end(why_);
      return;
    case Phase::hello:
      if (now - opened_at_ >= knobs().hello_deadline.get()) close(protocol::CloseReason::no_hello, std::nullopt);
      return;
    case Phase::joined: break;
  }
  if (wall_now >= expires_at_) {
    tell({}, ErrorCode::unauthorized, "the token has expired");
    close(protocol::CloseReason::unauthorized, std::nullopt);
    return;
  }
  auto const silent = now - heard_at_;
  auto const interval = knobs().ping_interval.get();
  if (silent >= kSilentIntervals * interval) {
    // Nobody is there to be waited for; the code is for a peer that hears and does not speak.
    begin_close(ws::kCloseGoingAway, "no answer to a ping", metrics::CloseReason::lost);
    flush();
    end(metrics::CloseReason::lost);
  } else if (silent >= interval && !pinged_) {
    pinged_ = true;
    std::string ping;
    ws::append_frame(ping, ws::Opcode::ping, {});
    control_ = std::make_shared<std::string const>(std::move(ping));
    outbox_filled();
  }
}

Session::Input Session::read_turn() {
  std::size_t bytes = 0;
  turn_messages_ = 0;
  while (bytes < kTurnBytesMax && turn_messages_ < kTurnMessagesMax) {
    auto &buffer = here_->read_buffer_;
    error_code code;
    std::size_t const size = socket_.read_some(asio::buffer(buffer), code);
    if (code == asio::error::would_block) return Input::waiting;
    if (code) {
      end(metrics::CloseReason::lost);
      return Input::waiting;
    }
    metrics().bytes_in.add(size);
    take_in(std::span(buffer).first(size));
    if (phase_ == Phase::ended) return Input::waiting;
    // A read that did not fill the buffer took all there was; asking again would only cost a call.
    if (size < buffer.size()) return Input::waiting;
    bytes += size;
  }
  return Input::more;
}

void Session::take_in(std::span<char> input) {
  heard_at_ = Clock::now();
  pinged_ = false;
  while (!deaf_ && phase_ != Phase::ended) {
    auto const step = decoder_.next(input);
    if (step.kind == ws::Step::Kind::need_more) return;
    take_step(step);
  }
}

void Session::take_step(ws::Step const &step) {
  using Kind = ws::Step::Kind;
  metrics().frames_in.add();
  ++turn_messages_;
  switch (step.kind) {
    case Kind::need_more: return;
    case Kind::close: return take_peer_close(step);
    case Kind::error:
      deaf_ = true;
      metrics().bad_input.at(kind_of_broken_frame(step.close_code)).add();
      // After our own close the peer's answer cannot be made out any more; its end of the connection still can.
      begin_close(step.close_code, "broken frame", metrics::CloseReason::protocol_error);
      return;
    default: break;
  }
  if (over()) return;  // What still comes behind our close is not for anybody.
  spend(1);
  if (over()) return;
  switch (step.kind) {
    case Kind::text: return take_text(step.payload);
    case Kind::binary:
      metrics().bad_input.at(metrics::BadInput::binary).add();
      return violate("binary frames are not part of this protocol");
    case Kind::ping: {
      std::string pong;
      ws::append_frame(pong, ws::Opcode::pong, step.payload);
      control_ = std::make_shared<std::string const>(std::move(pong));
      return outbox_filled();
    }
    default: return;  // A pong; it was heard, which is all it is for.
  }
}

Rate Session::frame_budget() const {
  double const honest = knobs().session_actions_per_second.get() + knobs().session_presence_per_second.get();
  double const burst = knobs().session_actions_burst.get() + knobs().session_presence_per_second.get();
  return {.per_second = std::max(kBudgetMin, kBudgetFactor * honest),
          .burst = std::max(2 * kBudgetMin, kBudgetFactor * burst)};
}

void Session::spend(double frames) {
  if (!frames_.take(frame_budget(), heard_at_, frames)) violate("far too many frames");
}

void Session::take_text(std::string_view text) {
  auto message = protocol::decode(text);
  if (!message) return take_malformed(message.error());
  std::visit([this](auto &&each) { take_message(std::move(each)); }, std::move(*message));
}

void Session::take_malformed(protocol::Malformed const &malformed) {
  if (phase_ == Phase::hello) {
    metrics().bad_input.at(metrics::BadInput::hello).add();
    tell(malformed.id, malformed.code, malformed.message, {.path = malformed.path, .limit = {}, .retry_after_ms = {}});
    close(protocol::CloseReason::violation, std::nullopt);
    return;
  }
  metrics().bad_input.at(kind_of(malformed.code)).add();
  spend(kMalformedCost);
  if (over()) return;
  tell(malformed.id, malformed.code, malformed.message, {.path = malformed.path, .limit = {}, .retry_after_ms = {}});
}

void Session::take_message(protocol::Hello &&hello) {
  if (phase_ == Phase::hello) return take_hello(hello);
  metrics().bad_input.at(metrics::BadInput::hello).add();
  violate("hello was said already");
}

void Session::take_hello(protocol::Hello const &hello) {
  auto identity = here_->parts().verify(hello.token);
  bool const expired = identity && identity->expires_at <= wall_clock_now();
  if (!identity || expired) {
    tell({}, ErrorCode::unauthorized, "the token is not valid, or has expired");
    close(protocol::CloseReason::unauthorized, std::nullopt);
    return;
  }
  expires_at_ = identity->expires_at;
  phase_ = Phase::joined;
  table_->join(*this, identity->player, identity->name, hello.client, hello.resume);
}

void Session::take_message(protocol::Presence &&presence) {
  if (phase_ == Phase::hello) {
    metrics().bad_input.at(metrics::BadInput::hello).add();
    return violate("the first message is hello");
  }
  double const rate = knobs().session_presence_per_second.get();
  // A second's worth at once: presence comes in strokes.
  if (presences_.take({.per_second = rate, .burst = rate}, heard_at_)) {
    table_->presence(*this, presence);
  } else {
    metrics().rate_limited.add();
  }
}

void Session::take_message(protocol::Request &&request) {
  if (phase_ == Phase::hello) {
    metrics().bad_input.at(metrics::BadInput::hello).add();
    return violate("the first message is hello");
  }
  Rate const rate{.per_second = knobs().session_actions_per_second.get(), .burst = knobs().session_actions_burst.get()};
  if (actions_.take(rate, heard_at_)) {
    table_->submit(*this, std::move(request), heard_at_);
  } else {
    metrics().rate_limited.add();
    tell(request.id, ErrorCode::rate_limited, "too many actions",
         {.path = {}, .limit = {}, .retry_after_ms = actions_.wait(rate).count()});
  }
}

void Session::take_peer_close(ws::Step const &close) {
  peer_closed_ = true;
  if (phase_ == Phase::closing) {
    if (unsent_.empty()) end(why_);  // Else when the rest and our own close have left.
    return;
  }
  // It hears nothing behind its close but the answer: what waits for it is dropped, save the frame that has begun.
  while (outbox_.take()) {
  }
  unsent_.resize(offset_ > 0 ? 1 : 0);
  begin_close(close.close_code, {}, metrics::CloseReason::client);
}

void Session::tell(ActionId const &id, ErrorCode code, std::string_view message,
                   protocol::ErrorDetails const &details) {
  metrics().errors.at(code).add();
  std::string error;
  protocol::append_error(error, id, code, message, details);
  auto frame = std::make_shared<std::string>();
  ws::append_frame(*frame, ws::Opcode::text, error);
  // If the outbox is full, whoever does not read answers misses them; the resync tells what came of it all.
  static_cast<void>(outbox_.offer(std::move(frame)));
  outbox_filled();
}

void Session::violate(std::string_view message) {
  tell({}, ErrorCode::bad_request, message);
  close(protocol::CloseReason::violation, std::nullopt);
}

void Session::close(protocol::CloseReason reason, std::optional<std::chrono::milliseconds> retry_after) {
  std::string goodbye;
  if (says_goodbye(reason)) {
    auto const retry_ms = retry_after ? std::optional<std::int64_t>(retry_after->count()) : std::nullopt;
    std::string message;
    protocol::append_goodbye(message, reason, retry_ms);
    ws::append_frame(goodbye, ws::Opcode::text, message);
  }
  begin_close(protocol::close_number(reason), word(reason), metric_of(reason), std::move(goodbye));
}

void Session::begin_close(ws::CloseCode code, std::string_view text, metrics::CloseReason why, std::string goodbye) {
  TF_CHECK(here_->parts().shard.on_this_thread());
  if (over()) return;
  bool const joined = phase_ == Phase::joined;
  phase_ = Phase::closing;
  why_ = why;
  close_by_ = Clock::now() + kCloseLimit;
  while (auto frame = outbox_.take()) unsent_.push_back(std::move(*frame));
  if (!goodbye.empty()) queue(std::move(goodbye));
  std::string close;
  ws::append_close(close, code, text);
  queue(std::move(close));
  outbox_filled();
  // Not at once: the table may be the caller, and in the midst of its members.
  if (joined) runtime::spawn(here_->scope(), "leave a table", leave_later(shared_from_this()));
}

asio::awaitable<void> Session::leave_later(std::shared_ptr<Session> self) {
  self->leave_table();
  co_return;
}

void Session::leave_table() {
  if (!table_) return;
  auto const table = std::exchange(table_, nullptr);
  table->leave(*this);
}

void Session::end(metrics::CloseReason why) {
  if (phase_ == Phase::ended) return;
  if (phase_ != Phase::closing) why_ = why;
  phase_ = Phase::ended;
  error_code ignored;  // Nothing to wait for either way.
  socket_.cancel(ignored);
}

}  // namespace tableforge::gateway
