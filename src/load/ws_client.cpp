#include "tableforge/load/ws_client.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "tableforge/base/os_random.hpp"
#include "tableforge/runtime/timer.hpp"
#include "tableforge/ws/encoder.hpp"

#include "load/ws_upgrade.hpp"

namespace tableforge::load {

namespace {

// Events are some hundred bytes; a snapshot takes several reads, and is gathered by the decoder.
constexpr std::size_t kReadBytes = 16 * 1024;

ws::MaskKey mask_key() {
  ws::MaskKey key{};
  os_random(std::as_writable_bytes(std::span(key)));
  return key;
}

}  // namespace

std::shared_ptr<WsClient> WsClient::create(asio::any_io_executor executor, std::size_t message_bytes_max) {
  return std::shared_ptr<WsClient>(new WsClient(std::move(executor), message_bytes_max));
}

WsClient::WsClient(asio::any_io_executor executor, std::size_t message_bytes_max)
    : executor_(executor),
      socket_(executor),
      deadline_(executor),
      decoder_(ws::Side::client, message_bytes_max),
      buffer_(kReadBytes) {}

asio::awaitable<Result<void>> WsClient::connect(Endpoint endpoint, std::string target, std::string subprotocol,
                                                std::chrono::steady_clock::duration limit) {
  auto connected =
      co_await runtime::with_deadline(upgrade(std::move(endpoint), std::move(target), std::move(subprotocol)), limit);
  if (!connected) end();
  co_return connected;
}

asio::awaitable<Result<void>> WsClient::upgrade(Endpoint endpoint, std::string target, std::string subprotocol) {
  auto const early = co_await open_websocket(socket_, std::move(endpoint), std::move(target), std::move(subprotocol));
  if (!early) co_return std::unexpected(early.error());
  buffer_.resize(std::max(kReadBytes, early->size()));
  std::ranges::copy(*early, buffer_.begin());
  input_ = std::span(buffer_).first(early->size());
  co_return Result<void>{};
}

asio::awaitable<Result<WsClient::Received>> WsClient::receive(std::chrono::steady_clock::duration limit) {
  using Kind = ws::Step::Kind;
  for (;;) {
    auto const step = decoder_.next(input_);
    switch (step.kind) {
      case Kind::text: co_return Received{.text = step.payload, .close = {}};
      case Kind::ping:
        ws::append_masked_frame(outgoing_, ws::Opcode::pong, step.payload, mask_key());
        flush();
        break;
      case Kind::pong: break;
      case Kind::close:
        ws::append_masked_close(outgoing_, step.close_code, {}, mask_key());
        flush();
        co_return Received{.text = {}, .close = step.close_code};
      case Kind::binary: end(); co_return fail(Errc::invalid, "the server sent a binary message");
      case Kind::error:
        close(step.close_code);
        co_return fail(Errc::invalid, "the server broke the WebSocket protocol");
      case Kind::need_more:
        if (auto const read = co_await read_some(limit); !read) co_return std::unexpected(read.error());
        break;
    }
  }
}

asio::awaitable<Result<void>> WsClient::read_some(std::chrono::steady_clock::duration limit) {
  timed_out_ = false;
  deadline_.expires_after(limit);
  deadline_.async_wait([weak = weak_from_this()](boost::system::error_code code) {
    auto const self = weak.lock();
    // A handler that was queued before the deadline moved on must not end what goes on.
    if (code || !self || self->deadline_.expiry() > std::chrono::steady_clock::now()) return;
    self->timed_out_ = true;
    self->end();
  });
  auto [code, size] = co_await socket_.async_read_some(asio::buffer(buffer_), asio::as_tuple(asio::use_awaitable));
  deadline_.expires_at(std::chrono::steady_clock::time_point::max());
  if (timed_out_) co_return fail(Errc::timeout, "the server was silent for too long");
  if (code) {
    end();
    co_return fail(Errc::unavailable, "the connection ended");
  }
  input_ = std::span(buffer_).first(size);
  co_return Result<void>{};
}

void WsClient::send(std::string_view text) {
  if (!open()) return;
  ws::append_masked_frame(outgoing_, ws::Opcode::text, text, mask_key());
  flush();
}

void WsClient::send_torn(std::string_view text) {
  std::string frame;
  ws::append_masked_frame(frame, ws::Opcode::text, text, mask_key());
  if (open() && !writing_) {
    // Half a small frame always fits the socket's buffer; should it not, the cut comes even earlier.
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.write_some(asio::buffer(frame.data(), frame.size() / 2), ignored);
  }
  cut(Cut::fin);
}

void WsClient::close(ws::CloseCode code) {
  if (!open()) return;
  ws::append_masked_close(outgoing_, code, {}, mask_key());
  flush();
}

void WsClient::cut(Cut how) {
  if (!open()) return;
  boost::system::error_code ignored;
  if (how == Cut::reset) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  end();
}

void WsClient::flush() {
  if (writing_ || outgoing_.empty() || !open()) return;
  writing_ = true;
  in_flight_.swap(outgoing_);
  asio::async_write(socket_, asio::buffer(in_flight_),
                    [self = shared_from_this()](boost::system::error_code code, std::size_t) {
                      self->writing_ = false;
                      self->in_flight_.clear();
                      if (code) {
                        self->end();
                      } else {
                        self->flush();
                      }
                    });
}

void WsClient::end() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  outgoing_.clear();
}

}  // namespace tableforge::load
