#include "gateway_peer.hpp"

#include <stdexcept>
#include <utility>

#include <boost/asio/write.hpp>
#include <poll.h>

#include "tableforge/ws/encoder.hpp"

namespace tableforge::test {

namespace {

constexpr int kWaitMs = 20'000;  // Never met by a server that works, however loaded the machine is.
constexpr std::size_t kMessageBytesMax = 16 * 1024 * 1024;

}  // namespace

std::string client_frame(ws::Opcode opcode, std::string_view payload, bool fin) {
  std::string bytes;
  ws::append_masked_frame(bytes, opcode, payload, {'a', 'b', 'c', 'd'});
  if (!fin) bytes[0] = static_cast<char>(bytes[0] & 0x7f);
  return bytes;
}

Peer::Peer(std::uint16_t port, int receive_bytes) : socket_(*context_), decoder_(ws::Side::client, kMessageBytesMax) {
  socket_.open(boost::asio::ip::tcp::v4());
  if (receive_bytes > 0) socket_.set_option(boost::asio::socket_base::receive_buffer_size(receive_bytes));
  socket_.connect({boost::asio::ip::address_v4::loopback(), port});
}

void Peer::send(std::string_view bytes) {
  boost::system::error_code gone;  // A server that has closed is found out by reading.
  boost::asio::write(socket_, boost::asio::buffer(bytes), gone);
}

void Peer::ask(std::string_view table, std::string_view subprotocol, std::string_view early) {
  std::string request = "GET /v1/tables/" + std::string(table) +
                        "/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!subprotocol.empty()) request.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  send(request.append("\r\n").append(early));
}

void Peer::read_more() {
  pollfd waiting{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, kWaitMs) <= 0) throw std::runtime_error("the server said nothing");
  std::array<char, 16 * 1024> buffer{};
  boost::system::error_code code;
  auto const size = socket_.read_some(boost::asio::buffer(buffer), code);
  received_.append(buffer.data(), size);
  ended_ = static_cast<bool>(code);
}

std::string Peer::head() {
  for (;;) {
    if (auto const end = received_.find("\r\n\r\n"); end != std::string::npos) {
      std::string head = received_.substr(0, end + 4);
      received_.erase(0, end + 4);
      return head;
    }
    if (ended_) throw std::runtime_error("the server closed instead of answering: " + received_);
    read_more();
  }
}

void Peer::upgrade(std::string_view table) {
  ask(table);
  auto const answer = head();
  if (!answer.starts_with("HTTP/1.1 101")) throw std::runtime_error("no upgrade: " + answer);
}

std::string Peer::rest() {
  while (!ended_) read_more();
  return std::exchange(received_, {});
}

void Peer::frame(ws::Opcode opcode, std::string_view payload, bool fin) { send(client_frame(opcode, payload, fin)); }

void Peer::hello(std::string_view token, std::string_view client) {
  text({{"op", "hello"}, {"token", token}, {"client", client}});
}

Peer::Frame Peer::receive() {
  for (;;) {
    auto const step = decoder_.next(input_);
    if (step.kind != ws::Step::Kind::need_more) {
      return {.kind = step.kind, .payload = std::string(step.payload), .close_code = step.close_code};
    }
    if (received_.empty() && ended_) return {.payload = {}, .end = true};
    if (received_.empty()) read_more();
    frames_.assign(received_.begin(), received_.end());
    received_.clear();
    input_ = frames_;
  }
}

nlohmann::json Peer::message() {
  for (;;) {
    auto const frame = receive();
    if (frame.end || frame.kind == ws::Step::Kind::close || frame.kind == ws::Step::Kind::error) return nullptr;
    if (frame.kind == ws::Step::Kind::text) return nlohmann::json::parse(frame.payload);
  }
}

nlohmann::json Peer::await(std::string_view ev) {
  for (;;) {
    auto next = message();
    if (next.is_null()) throw std::runtime_error("closed while waiting for " + std::string(ev));
    if (next.at("ev") == ev) return next;
  }
}

ws::CloseCode Peer::await_close() {
  for (;;) {
    auto const frame = receive();
    if (frame.end) throw std::runtime_error("the stream ended without a close frame");
    if (frame.kind == ws::Step::Kind::close) return frame.close_code;
  }
}

}  // namespace tableforge::test
