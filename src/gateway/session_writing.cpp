#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "tableforge/ws/encoder.hpp"

#include "gateway/session.hpp"

namespace tableforge::gateway {

namespace {

// As much as a socket's send buffer usually takes. What is left has the next turn, and the other sockets theirs.
constexpr int kBatchesPerFlush = 4;

iovec part(std::string_view bytes) { return {.iov_base = const_cast<char *>(bytes.data()), .iov_len = bytes.size()}; }

}  // namespace

bool Session::deliver(std::span<host::Frame const> pieces) {
  bool const behind = blocked_ || unsent_ || !outbox_.empty() || outbox_.overflowed();
  if (behind || phase_ != Phase::joined || pieces.size() > kBatchFramesMax) return false;
  std::array<iovec, kBatchFramesMax> parts;
  std::size_t count = 0;
  for (auto const &piece : pieces) parts[count++] = part(piece.text());
  auto outcome = Written::all;
  auto sent = send(std::span(parts).first(count), outcome);
  if (outcome == Written::broken) {
    end(metrics::CloseReason::lost);
    return true;
  }
  for (auto const &piece : pieces) {
    if (!unsent_ && sent >= piece.size()) {
      sent -= piece.size();
      metrics().frames_out.add(piece.count);
      continue;
    }
    if (!unsent_) unsent().offset = sent;
    unsent_->frames.push_back(piece);
  }
  if (unsent_) wait_to_write();
  return true;
}

void Session::outbox_filled() {
  // While it waits to write, being woken for that is soon enough.
  if (!blocked_ && phase_ != Phase::ended) here_.parts().shard.mark_dirty(*this);
}

Session::Unsent &Session::unsent() {
  if (!unsent_) unsent_ = std::make_unique<Unsent>();
  return *unsent_;
}

void Session::queue(std::string frame) { unsent().frames.push_back(host::Frame::of(std::move(frame))); }

void Session::queue_control(ws::Opcode opcode, std::string_view payload) {
  auto &control = unsent().control;
  control.clear();
  ws::append_frame(control, opcode, payload);
  outbox_filled();
}

void Session::flush() {
  if (blocked_ || phase_ == Phase::ended) return;
  for (int batch = 0; batch < kBatchesPerFlush; ++batch) {
    switch (write_batch()) {
      case Written::all: return written_all();
      case Written::some: break;
      case Written::blocked: return wait_to_write();
      case Written::broken: return end(metrics::CloseReason::lost);
    }
  }
  outbox_filled();
}

/// Takes from the outbox what goes into the next write.
void Session::fill_batch() {
  if (unsent_ && !unsent_->control.empty()) {
    auto &frames = unsent_->frames;
    frames.insert(frames.begin() + (unsent_->offset > 0 ? 1 : 0), host::Frame::of(std::exchange(unsent_->control, {})));
  }
  if (phase_ == Phase::closing) return;  // All that is still to be said stands here already.
  if (outbox_.empty()) return;
  auto &frames = unsent().frames;
  std::size_t bytes = 0;
  for (auto const &frame : frames) bytes += frame.size();
  while (frames.size() < kBatchFramesMax && bytes < kBatchBytesMax) {
    auto frame = outbox_.take();
    if (!frame) return;
    bytes += frame->size();
    frames.push_back(std::move(*frame));
  }
}

/// Returns what the socket took; `outcome` is broken, or blocked if that was not all.
std::size_t Session::send(std::span<iovec> parts, Written &outcome) {
  std::size_t bytes = 0;
  for (auto const &each : parts) bytes += each.iov_len;
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
    outcome = Written::broken;
    return 0;
  }
  auto const taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  if (taken < bytes) outcome = Written::blocked;
  metrics().bytes_out.add(taken);
  return taken;
}

Session::Written Session::write_batch() {
  fill_batch();
  if (unsent_) {
    std::array<iovec, kBatchFramesMax> parts;
    std::size_t count = 0;
    for (auto const &frame : unsent_->frames) {
      if (count == kBatchFramesMax) break;
      parts[count++] = part(frame.text());
    }
    parts[0] = part(unsent_->frames.front().text().substr(unsent_->offset));
    auto outcome = Written::all;
    consume(send(std::span(parts).first(count), outcome));
    if (outcome != Written::all) return outcome;
  }
  // What the table still offered behind a close is lost, and must not keep us writing.
  bool const said_all = phase_ == Phase::closing || outbox_.empty();
  return !unsent_ && said_all ? Written::all : Written::some;
}

void Session::consume(std::size_t bytes) {
  auto &[frames, offset, control] = *unsent_;
  std::size_t whole = 0;
  offset += bytes;
  while (whole < frames.size() && offset >= frames[whole].size()) {
    offset -= frames[whole].size();
    metrics().frames_out.add(frames[whole].count);
    ++whole;
  }
  frames.erase(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(whole));
  if (frames.empty()) unsent_.reset();
}

void Session::written_all() {
  if (phase_ == Phase::closing) {
    if (peer_closed_) return end(why_);
    if (!deaf_ || shut_) return;  // The peer's close is awaited.
    // Its close could not be understood if it came, so the end of its stream is awaited, and it sees the end of ours.
    shut_ = true;
    ::shutdown(socket_.get(), SHUT_WR);
    return;
  }
  if (table_ && outbox_.overflowed()) table_->drained(*this);
}

void Session::wait_to_write() {
  blocked_ = true;
  here_.ready_.want_write(socket_.get(), *this, true);
}

}  // namespace tableforge::gateway
