#include "load/load_socket.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "tableforge/ws/encoder.hpp"

namespace tableforge::load {

LoadSocket::LoadSocket(LoadSockets &sockets, Listener &listener)
    : sockets_(sockets), listener_(listener), decoder_(ws::Side::client, kMessageBytesMax) {}

bool LoadSocket::open(int fd, bool watched) {
  fd_ = fd;
  watched_ = watched;
  if (!watched || sockets_.ready.add(fd, *this)) return true;
  ::close(std::exchange(fd_, -1));
  return false;
}

void LoadSocket::on_ready(bool readable, bool writable) {
  if (writable) write_unsent();
  // One read a turn: what is left brings this socket back in the next one, after the others.
  if (readable) read(sockets_.buffer.size());
}

void LoadSocket::read(std::size_t bytes_max) {
  if (!is_open()) return;
  auto &buffer = sockets_.buffer;
  auto const size = ::recv(fd_, buffer.data(), std::min(bytes_max, buffer.size()), 0);
  if (size > 0) {
    sockets_.bytes_received += static_cast<std::uint64_t>(size);
    take(std::span(buffer).first(static_cast<std::size_t>(size)));
  } else if (size == 0) {
    end("the server ended the connection without a close");
  } else if (errno != EAGAIN && errno != EINTR) {
    end("the connection was lost");
  }
}

void LoadSocket::take(std::span<char> input) {
  using Kind = ws::Step::Kind;
  while (is_open()) {
    auto const step = decoder_.next(input);
    switch (step.kind) {
      case Kind::need_more: return;
      case Kind::text:
      case Kind::binary: listener_.on_message(step.payload); break;
      case Kind::ping: send(step.payload, ws::Opcode::pong); break;
      case Kind::pong: break;
      case Kind::close: {
        std::string frame;
        ws::append_masked_close(frame, step.close_code, {}, mask_key());
        write(frame);
        end("the server closed it with " + std::to_string(step.close_code) + " " + std::string(step.payload));
        return;
      }
      case Kind::error: end("the server broke the WebSocket protocol"); return;
    }
  }
}

/// RFC 6455 wants keys that others cannot foresee, for the sake of proxies that misread; here there are none, and a
/// system call per message would be most of its cost.
ws::MaskKey LoadSocket::mask_key() {
  auto &state = sockets_.key_state;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return std::bit_cast<ws::MaskKey>(static_cast<std::uint32_t>(state >> 16));
}

void LoadSocket::send(std::string_view message, ws::Opcode opcode) {
  auto &frame = sockets_.frame;
  frame.clear();
  ws::append_masked_frame(frame, opcode, message, mask_key());
  write(frame);
}

void LoadSocket::write(std::string_view bytes) {
  if (!is_open()) return;
  if (unsent_.empty()) {
    auto const sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    // What is broken will be found by reading; until then it only swallows.
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (bytes.empty()) return;
    if (watched_) sockets_.ready.want_write(fd_, *this, true);
  }
  if (unsent_.size() + bytes.size() > kUnsentMax) return end("the server took in nothing for too long");
  unsent_ += bytes;
}

void LoadSocket::write_unsent() {
  auto const sent = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (sent < 0) {
    unsent_.clear();
  } else {
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  if (!unsent_.empty()) return;
  unsent_ = {};
  sockets_.ready.want_write(fd_, *this, false);
}

void LoadSocket::close() {
  if (!is_open()) return;
  std::string frame;
  ws::append_masked_close(frame, ws::kCloseNormal, {}, mask_key());
  write(frame);
  cut();
}

void LoadSocket::cut() {
  if (!is_open()) return;
  if (watched_) sockets_.ready.remove(fd_, *this);
  ::close(std::exchange(fd_, -1));
  unsent_ = {};
}

void LoadSocket::end(std::string_view why) {
  if (!is_open()) return;
  cut();
  listener_.on_end(why);
}

}  // namespace tableforge::load
