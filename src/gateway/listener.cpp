#include "gateway/listener.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tableforge/log/limited.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/runtime/timer.hpp"

namespace tableforge::gateway {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 4'096;  // The kernel cuts it to net.core.somaxconn.
// How much the kernel takes from us beyond what it has sent. By itself it takes megabytes for a peer that does not
// read, which would all have to arrive before a fresh state could; the outbox is where what is late can still be
// dropped.
constexpr int kUnsentBytesMax = 16 * 1024;
constexpr std::chrono::milliseconds kBackoffMin{10};
constexpr std::chrono::milliseconds kBackoffMax{1'000};

error_code open_and_bind(tcp::acceptor &acceptor, tcp::endpoint const &endpoint, Listener::Port port) {
  error_code code;
  acceptor.open(endpoint.protocol(), code);
  if (code) return code;
  acceptor.set_option(tcp::acceptor::reuse_address(true), code);
  if (code) return code;
  // Asio names this option nowhere public.
  int const on = 1;
  if (port == Listener::Port::shared &&
      ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    return {errno, boost::system::system_category()};
  }
  // Accepted sockets inherit it.
  if (::setsockopt(acceptor.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax,
                   sizeof kUnsentBytesMax) != 0) {
    return {errno, boost::system::system_category()};
  }
  acceptor.bind(endpoint, code);
  return code;
}

Result<void> told(error_code code, tcp::endpoint const &endpoint) {
  if (!code) return {};
  log::error("cannot listen",
             {{"address", endpoint.address().to_string()}, {"port", endpoint.port()}, {"what", code.message()}});
  if (code == asio::error::address_in_use) return fail(Errc::conflict, "the port is in use");
  return fail(Errc::unavailable, "the address cannot be listened on");
}

}  // namespace

Result<void> check_free(asio::io_context &context, tcp::endpoint const &endpoint) {
  tcp::acceptor probe(context);
  return told(open_and_bind(probe, endpoint, Listener::Port::exclusive), endpoint);
}

Listener::Listener(runtime::Scope &scope, ConnectionLimitPtr limit, metrics::GatewayMetrics &metrics, Accepted accepted)
    : scope_(scope),
      limit_(std::move(limit)),
      metrics_(metrics),
      accepted_(std::move(accepted)),
      acceptor_(scope.shard().context()) {}

Result<void> Listener::bind(tcp::endpoint const &endpoint, Port port) {
  auto code = open_and_bind(acceptor_, endpoint, port);
  if (!code) acceptor_.listen(kBacklog, code);
  if (!code) port_ = acceptor_.local_endpoint(code).port();
  return told(code, endpoint);
}

void Listener::start() { runtime::spawn(scope_, "accept connections", accept_all()); }

void Listener::stop() {
  error_code ignored;  // It closes in any case.
  acceptor_.close(ignored);
}

asio::awaitable<void> Listener::accept_all() {
  static log::Limited limited(std::chrono::seconds(1));
  auto backoff = kBackoffMin;
  while (acceptor_.is_open()) {
    auto [code, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (!code) {
      backoff = kBackoffMin;
      take(std::move(socket));
      continue;
    }
    if (code == asio::error::operation_aborted) continue;  // Stopped, or cancelled: the next await tells which.
    limited.warn("a connection could not be accepted", {{"what", code.message()}, {"wait_seconds", backoff}});
    co_await runtime::sleep_for(backoff);
    backoff = std::min(2 * backoff, kBackoffMax);
  }
}

void Listener::take(tcp::socket socket) {
  static log::Limited limited(std::chrono::seconds(1));
  auto slot = limit_->admit();
  if (!slot) {
    metrics_.connections_closed.at(metrics::CloseReason::overloaded).add();
    limited.warn("too many connections; a new one was closed");
    return;
  }
  error_code ignored;  // A peer that is gone already is found out by the first read.
  socket.set_option(tcp::no_delay(true), ignored);
  accepted_(std::move(socket), std::move(*slot));
}

}  // namespace tableforge::gateway
