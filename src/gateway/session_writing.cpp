#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "gateway/session.hpp"

namespace tableforge::gateway {

namespace {

// As much as a socket's send buffer usually takes. What is left has the next turn, and the other sockets theirs.
constexpr int kBatchesPerFlush = 4;

iovec part(std::string_view bytes) { return {.iov_base = const_cast<char *>(bytes.data()), .iov_len = bytes.size()}; }

}  // namespace

bool Session::deliver(std::span<host::Frame const> pieces) {
  bool const behind = blocked_ || !unsent_.empty() || !control_.empty() || !outbox_.empty() || outbox_.overflowed();
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
    if (unsent_.empty() && sent >= piece.size()) {
      sent -= piece.size();
      metrics().frames_out.add(piece.count);
      continue;
    }
    if (unsent_.empty()) offset_ = sent;
    unsent_.push_back(piece);
  }
  if (!unsent_.empty()) wait_to_write();
  return true;
}

void Session::outbox_filled() {
  // While it waits to write, being woken for that is soon enough.
  if (!blocked_ && phase_ != Phase::ended) here_.parts().shard.mark_dirty(*this);
}

void Session::queue(std::string frame) { unsent_.push_back(host::Frame::of(std::move(frame))); }

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
  if (!control_.empty()) {
    unsent_.insert(unsent_.begin() + (offset_ > 0 ? 1 : 0), host::Frame::of(std::exchange(control_, {})));
  }
  if (phase_ == Phase::closing) return;  // All that is still to be said stands here already.
  std::size_t bytes = 0;
  for (auto const &frame : unsent_) bytes += frame.size();
  while (unsent_.size() < kBatchFramesMax && bytes < kBatchBytesMax) {
    auto frame = outbox_.take();
    if (!frame) return;
    bytes += frame->size();
    unsent_.push_back(std::move(*frame));
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
  std::array<iovec, kBatchFramesMax> parts;
  std::size_t count = 0;
  for (auto const &frame : unsent_) {
    if (count == kBatchFramesMax) break;
    parts[count++] = part(frame.text());
  }
  if (count > 0) {
    parts[0] = part(unsent_.front().text().substr(offset_));
    auto outcome = Written::all;
    consume(send(std::span(parts).first(count), outcome));
    if (outcome != Written::all) return outcome;
  }
  // What the table still offered behind a close is lost, and must not keep us writing.
  bool const said_all = phase_ == Phase::closing || outbox_.empty();
  return unsent_.empty() && said_all ? Written::all : Written::some;
}

void Session::consume(std::size_t bytes) {
  std::size_t whole = 0;
  offset_ += bytes;
  while (whole < unsent_.size() && offset_ >= unsent_[whole].size()) {
    offset_ -= unsent_[whole].size();
    metrics().frames_out.add(unsent_[whole].count);
    ++whole;
  }
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(whole));
  if (unsent_.empty()) std::vector<host::Frame>().swap(unsent_);  // Quiet connections own nothing.
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
