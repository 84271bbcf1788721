#include "performance/cache/lossy_redis.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tableforge::test {

namespace {

/// What every message of a subscription begins with.
constexpr std::string_view kMessage = "*3\r\n$7\r\nmessage\r\n";

sockaddr_in on_loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int stream_socket() {
  int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
  return fd;
}

void send_at_once(int fd) {
  int const yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

bool send_whole(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t const n = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void end_both(int one, int other) {
  ::shutdown(one, SHUT_RDWR);
  ::shutdown(other, SHUT_RDWR);
}

}  // namespace

LossyRedis::LossyRedis(std::string const &url) {
  auto const at = url.find('@');
  auto const colon = url.find(':', at);
  auto const slash = url.find('/', colon);
  if (at == std::string::npos || colon == std::string::npos || slash == std::string::npos) {
    throw std::invalid_argument("the URL of Redis has no user, port or database");
  }
  server_port_ = static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1, slash - colon - 1)));
  listener_ = stream_socket();
  sockaddr_in address = on_loopback(0);
  socklen_t length = sizeof address;
  auto *const generic = reinterpret_cast<sockaddr *>(&address);
  if (::bind(listener_, generic, length) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "listening");
  }
  url_ = url.substr(0, at) + "@127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + url.substr(slash);
  acceptor_ = std::thread([this] { accept_all(); });
}

LossyRedis::~LossyRedis() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    for (Link const &link : links_) end_both(link.client, link.server);
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  for (Link &link : links_) {
    link.requests.join();
    link.answers.join();
    ::close(link.client);
    ::close(link.server);
  }
}

void LossyRedis::accept_all() {
  while (true) {
    int const client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    std::lock_guard lock(mutex_);
    if (ending_ || client < 0) {
      if (client >= 0) ::close(client);
      return;
    }
    int const server = stream_socket();
    sockaddr_in address = on_loopback(server_port_);
    if (::connect(server, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
      ::close(client);
      ::close(server);
      continue;
    }
    send_at_once(client);
    send_at_once(server);
    Link &link = links_.emplace_back();
    link.client = client;
    link.server = server;
    link.requests = std::thread([&link] { carry_requests(link); });
    link.answers = std::thread([this, &link] { carry_answers(link); });
  }
}

void LossyRedis::carry_requests(Link &link) {
  std::array<char, 65'536> buffer;
  while (true) {
    ssize_t const n = ::recv(link.client, buffer.data(), buffer.size(), 0);
    if (n <= 0 || !send_whole(link.server, {buffer.data(), static_cast<std::size_t>(n)})) break;
  }
  end_both(link.client, link.server);
}

void LossyRedis::carry_answers(Link &link) {
  std::array<char, 65'536> buffer;
  std::string waiting;
  while (true) {
    ssize_t const n = ::recv(link.server, buffer.data(), buffer.size(), 0);
    if (n <= 0) break;
    waiting.append(buffer.data(), static_cast<std::size_t>(n));
    std::string passing;
    std::size_t done = 0;
    while (auto const size = reply_size(std::string_view(waiting).substr(done))) {
      auto const reply = std::string_view(waiting).substr(done, size);
      if (losing_ && reply.starts_with(kMessage)) {
        ++lost_;
      } else {
        passing += reply;
      }
      done += size;
    }
    waiting.erase(0, done);
    if (!send_whole(link.client, passing)) break;
  }
  end_both(link.client, link.server);
}

std::size_t LossyRedis::reply_size(std::string_view bytes) {
  auto const end = bytes.find("\r\n");
  if (end == std::string_view::npos) return 0;
  auto const line = end + 2;
  if (bytes.front() != '$' && bytes.front() != '*') return line;
  std::int64_t count = 0;
  std::from_chars(bytes.data() + 1, bytes.data() + end, count);
  if (count < 0) return line;  // Nil.
  if (bytes.front() == '$') {
    auto const whole = line + static_cast<std::size_t>(count) + 2;
    return bytes.size() < whole ? 0 : whole;
  }
  auto size = line;
  for (std::int64_t i = 0; i < count; ++i) {
    auto const part = reply_size(bytes.substr(size));
    if (part == 0) return 0;
    size += part;
  }
  return size;
}

}  // namespace tableforge::test
