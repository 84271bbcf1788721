#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/container/static_vector.hpp>

#include "gateway/session.hpp"

namespace tableforge::gateway {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

// As much as a socket's send buffer usually takes. What is left has the next turn, and the other sockets theirs.
constexpr int kBatchesPerFlush = 4;

}  // namespace

void Session::outbox_filled() {
  // While it waits to write, being woken for that is soon enough.
  if (!blocked_ && phase_ != Phase::ended) here_->parts().shard.mark_dirty(*this);
}

void Session::queue(std::string frame) { unsent_.push_back(std::make_shared<std::string const>(std::move(frame))); }

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
  if (control_) unsent_.insert(unsent_.begin() + (offset_ > 0 ? 1 : 0), std::exchange(control_, nullptr));
  if (phase_ == Phase::closing) return;  // All that is still to be said stands here already.
  std::size_t bytes = 0;
  for (auto const &frame : unsent_) bytes += frame->size();
  while (unsent_.size() < kBatchFramesMax && bytes < kBatchBytesMax) {
    auto frame = outbox_.take();
    if (!frame) return;
    bytes += (*frame)->size();
    unsent_.push_back(std::move(*frame));
  }
}

Session::Written Session::write_batch() {
  if (unsent_.empty()) unsent_.swap(here_->spare_batch_);
  fill_batch();
  boost::container::static_vector<asio::const_buffer, kBatchFramesMax> buffers;
  std::size_t bytes = 0;
  for (auto const &frame : unsent_) {
    if (buffers.size() == kBatchFramesMax) break;
    buffers.push_back(asio::buffer(*frame));
    bytes += frame->size();
  }
  std::size_t sent = 0;
  error_code code;
  if (!buffers.empty()) {
    buffers.front() += offset_;
    bytes -= offset_;
    sent = socket_.write_some(buffers, code);
    metrics().bytes_out.add(sent);
    consume(sent);
  }
  if (unsent_.empty()) unsent_.swap(here_->spare_batch_);
  if (code && code != asio::error::would_block) return Written::broken;
  if (sent < bytes) return Written::blocked;
  // What the table still offered behind a close is lost, and must not keep us writing.
  bool const said_all = phase_ == Phase::closing || outbox_.empty();
  return unsent_.empty() && said_all ? Written::all : Written::some;
}

void Session::consume(std::size_t bytes) {
  std::size_t whole = 0;
  offset_ += bytes;
  while (whole < unsent_.size() && offset_ >= unsent_[whole]->size()) {
    offset_ -= unsent_[whole]->size();
    ++whole;
  }
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(whole));
  metrics().frames_out.add(whole);
}

void Session::written_all() {
  if (phase_ == Phase::closing) {
    if (peer_closed_) return end(why_);
    if (!deaf_ || shut_) return;  // The peer's close is awaited.
    // Its close could not be understood if it came, so the end of its stream is awaited, and it sees the end of ours.
    shut_ = true;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  if (table_ && outbox_.overflowed()) table_->drained(*this);
}

void Session::wait_to_write() {
  blocked_ = true;
  runtime::spawn(here_->scope(), "wait to write", wait_writable(shared_from_this()));
}

asio::awaitable<void> Session::wait_writable(std::shared_ptr<Session> self) {
  auto const [code] = co_await self->socket_.async_wait(tcp::socket::wait_write, asio::as_tuple(asio::use_awaitable));
  self->blocked_ = false;
  // An error here is the reader's to find; the write that follows would only meet it too.
  if (!code) self->outbox_filled();
}

}  // namespace tableforge::gateway
