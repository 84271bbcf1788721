#include "gateway/session.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

#include <sys/socket.h>

#include "tableforge/base/check.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/ws/encoder.hpp"

#include "gateway/close_words.hpp"

/// The life of a session and what it reads. session_writing.cpp has what it writes.
namespace tableforge::gateway {

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

Session::Session(Sessions &here, Fd socket, ConnectionSlot slot, std::shared_ptr<host::TableHost> table)
    : here_(here),
      slot_(std::move(slot)),
      table_(std::move(table)),
      decoder_(ws::Side::server, protocol::kClientMessageBytesMax),
      outbox_(here_.parts().knobs, here_.parts().host_metrics),
      entered_at_(Clock::now()),
      heard_at_(entered_at_),
      socket_(std::move(socket)) {
  metrics().connections_accepted.add();
  metrics().connections_open.add();
}

Session::~Session() = default;

void Session::begin(std::string early) {
  watched_ = here_.ready_.add(socket_.get(), *this);
  if (!watched_) {
    log::warn("the kernel refuses to watch another socket; its connection is closed");
    return end(metrics::CloseReason::lost);
  }
  if (early.empty()) return;
  metrics().bytes_in.add(early.size());
  take_in(early);
}

void Session::on_ready(bool readable, bool writable) {
  if (writable) {
    here_.ready_.want_write(socket_.get(), *this, false);
    blocked_ = false;
    outbox_filled();
  }
  if (readable) read();
}

void Session::watch(Clock::time_point now, Time wall_now) {
  switch (phase_) {
    case Phase::ended: return;
    case Phase::closing:
      if (now - entered_at_ >= kCloseLimit) end(why_);
      return;
    case Phase::hello:
      if (now - entered_at_ >= knobs().hello_deadline.get()) close(protocol::CloseReason::no_hello, std::nullopt);
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
    queue_control(ws::Opcode::ping, {});
  }
}

void Session::read() {
  auto &buffer = here_.read_buffer_;
  for (int reads = 0; reads < kReadsPerTurn && phase_ != Phase::ended; ++reads) {
    auto const size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (size <= 0) return end(metrics::CloseReason::lost);
    auto const bytes = static_cast<std::size_t>(size);
    metrics().bytes_in.add(bytes);
    take_in(std::span(buffer).first(bytes));
    // A read that did not fill the buffer took all there was; asking again would only cost a call.
    if (bytes < buffer.size()) return;
  }
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
    case Kind::ping: return queue_control(ws::Opcode::pong, step.payload);
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
  auto identity = here_.parts().verify(hello.token);
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
    if (!unsent_) end(why_);  // Else when the rest and our own close have left.
    return;
  }
  // It hears nothing behind its close but the answer: what waits for it is dropped, save the frame that has begun.
  while (outbox_.take()) {
  }
  if (unsent_) unsent_->frames.resize(unsent_->offset > 0 ? 1 : 0);
  begin_close(close.close_code, {}, metrics::CloseReason::client);
}

void Session::tell(ActionId const &id, ErrorCode code, std::string_view message,
                   protocol::ErrorDetails const &details) {
  metrics().errors.at(code).add();
  std::string error;
  protocol::append_error(error, id, code, message, details);
  std::string frame;
  ws::append_frame(frame, ws::Opcode::text, error);
  // If the outbox is full, whoever does not read answers misses them; the resync tells what came of it all.
  static_cast<void>(outbox_.offer(host::Frame::of(std::move(frame))));
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
  TF_CHECK(here_.parts().shard.on_this_thread());
  if (over()) return;
  if (table_) table_->catch_up(*this);
  phase_ = Phase::closing;
  why_ = why;
  entered_at_ = Clock::now();
  while (auto frame = outbox_.take()) unsent().frames.push_back(std::move(*frame));
  if (!goodbye.empty()) queue(std::move(goodbye));
  std::string close;
  ws::append_close(close, code, text);
  queue(std::move(close));
  outbox_filled();
  here_.let_go(*this);
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
  metrics().connections_open.sub();
  metrics().connections_closed.at(why_).add();
  if (watched_) here_.ready_.remove(socket_.get(), *this);
  ::shutdown(socket_.get(), SHUT_RDWR);  // Also where a process that is being started holds a copy.
  socket_.close();
  here_.let_go(*this);
}

}  // namespace tableforge::gateway
