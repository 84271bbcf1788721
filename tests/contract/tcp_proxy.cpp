#include "tcp_proxy.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tableforge::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int make_socket() {
  int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
  return fd;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t const n = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// ReadyForQuery, outside a transaction: the statement is over and committed.
constexpr std::string_view kReady{"Z\0\0\0\5I", 6};

}  // namespace

TcpProxy::TcpProxy(std::string const &url) {
  std::size_t const at = url.find('@');
  std::size_t const colon = url.find(':', at);
  std::size_t const slash = url.find('/', colon);
  if (at == std::string::npos || colon == std::string::npos || slash == std::string::npos) {
    throw std::invalid_argument("the proxy cannot read " + url);
  }
  server_port_ = static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1, slash - colon - 1)));

  listener_ = make_socket();
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto *const generic = reinterpret_cast<sockaddr *>(&address);
  if (::bind(listener_, generic, length) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "listening");
  }
  url_ = url.substr(0, at) + "@127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + url.substr(slash);
  acceptor_ = std::thread([this] { accept_all(); });
}

TcpProxy::~TcpProxy() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    for (Link const &link : links_) sever(link);
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

void TcpProxy::arm(std::string mark, Cut cut) {
  std::lock_guard lock(mutex_);
  mark_ = std::move(mark);
  cut_ = cut;
  happened_ = false;
}

void TcpProxy::refuse(bool refusing) {
  std::lock_guard lock(mutex_);
  refusing_ = refusing;
}

bool TcpProxy::wait_for_cut() {
  std::unique_lock lock(mutex_);
  return was_cut_.wait_for(lock, std::chrono::seconds(60), [&] { return happened_; });
}

void TcpProxy::accept_all() {
  while (true) {
    int const client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    std::lock_guard lock(mutex_);
    if (ending_ || client < 0) {
      if (client >= 0) ::close(client);
      return;
    }
    sockaddr_in address = loopback(server_port_);
    int const server = refusing_ ? -1 : make_socket();
    if (refusing_ || ::connect(server, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
      ::close(client);
      if (server >= 0) ::close(server);
      continue;
    }
    Link &link = links_.emplace_back();
    link.client = client;
    link.server = server;
    link.requests = std::thread([this, &link] { carry_requests(link); });
    link.answers = std::thread([this, &link] { carry_answers(link); });
  }
}

void TcpProxy::sever(Link const &link) {
  ::shutdown(link.client, SHUT_RDWR);
  ::shutdown(link.server, SHUT_RDWR);
}

void TcpProxy::carry_requests(Link &link) {
  std::array<char, 65'536> buffer;
  std::string recent;  // A mark may come in two pieces.
  while (true) {
    ssize_t const n = ::recv(link.client, buffer.data(), buffer.size(), 0);
    if (n <= 0) break;
    std::string_view const bytes(buffer.data(), static_cast<std::size_t>(n));
    recent += bytes;
    {
      std::lock_guard lock(mutex_);
      if (!mark_.empty() && recent.contains(mark_)) {
        mark_.clear();
        if (cut_ == Cut::before_request) {
          happened_ = true;
          was_cut_.notify_all();
          break;
        }
        link.cut_answer = true;
      }
    }
    if (recent.size() > 1'024) recent.erase(0, recent.size() - 1'024);
    if (!send_all(link.server, bytes)) break;
  }
  sever(link);
}

void TcpProxy::carry_answers(Link &link) {
  std::array<char, 65'536> buffer;
  std::string withheld;
  while (true) {
    ssize_t const n = ::recv(link.server, buffer.data(), buffer.size(), 0);
    if (n <= 0) break;
    std::string_view const bytes(buffer.data(), static_cast<std::size_t>(n));
    {
      std::lock_guard lock(mutex_);
      if (link.cut_answer) {
        withheld += bytes;
        if (!withheld.contains(kReady)) continue;
        happened_ = true;
        was_cut_.notify_all();
        break;
      }
    }
    if (!send_all(link.client, bytes)) break;
  }
  sever(link);
}

}  // namespace tableforge::test
