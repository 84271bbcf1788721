#include "gateway/sessions.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/gateway/http.hpp"
#include "tableforge/runtime/timer.hpp"

#include "gateway/http_service.hpp"
#include "gateway/response_head.hpp"
#include "gateway/session.hpp"

namespace tableforge::gateway {

using asio::ip::tcp;

namespace {

/// The whole answer to a handshake either fits into the socket's empty send buffer or its peer does not read.
constexpr std::chrono::seconds kAnswerLimit{10};

HttpResponse refusal(Error const &error) {
  auto const code = protocol::code_of(error.code);
  return code == protocol::ErrorCode::not_found ? error_response(code, "there is no such table")
                                                : error_response(code, "the table cannot be opened now: try again");
}

asio::awaitable<bool> write_all(tcp::socket &socket, std::string text) {
  auto const write = [](tcp::socket &to, std::string bytes) -> asio::awaitable<bool> {
    auto [code, size] = co_await asio::async_write(to, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
    co_return !code;
  };
  auto const written = co_await runtime::with_deadline(write(socket, std::move(text)), kAnswerLimit);
  co_return written.value_or(false);
}

}  // namespace

Sessions::Sessions(Parts const &parts) : parts_(parts), scope_(parts.shard), ready_(parts.shard) {}

Sessions::~Sessions() {
  // The shard has stopped, and its tables may be gone: nobody is told any more.
  while (!list_.empty()) delete &static_cast<Session &>(list_.front());
}

void Sessions::start() { runtime::spawn(scope_, "watch sessions", watch()); }

void Sessions::admit(Upgrade upgrade) {
  TF_CHECK(parts_.shard.on_this_thread());
  runtime::spawn(scope_, "serve a session", open(shared_from_this(), std::move(upgrade)));
}

asio::awaitable<void> Sessions::open(std::shared_ptr<Sessions> self, Upgrade upgrade) {
  auto &metrics = self->parts_.metrics;
  tcp::socket socket(self->parts_.shard.context());
  boost::system::error_code code;
  socket.assign(upgrade.protocol, upgrade.socket.release(), code);
  if (code) co_return;
  auto table = co_await self->parts_.tables.open(upgrade.table);
  if (!table) {
    auto const response = refusal(table.error());
    metrics.http_requests.at(HttpService::kOtherRoute, metrics::status_class(response.status)).add();
    co_await write_all(socket, last_response(response));
    co_return;
  }
  if (!co_await write_all(socket, std::move(upgrade.answer))) co_return;
  metrics.http_requests.at(HttpService::kOtherRoute, metrics::StatusClass::informational).add();
  Fd fd(socket.release(code));
  if (code) co_return;
  auto session = std::make_unique<Session>(*self, std::move(fd), std::move(upgrade.slot), std::move(*table));
  auto &begun = *session.release();  // The list is the owner, and flush() frees.
  self->list_.push_back(begun);
  begun.begin(std::move(upgrade.early));
}

void Sessions::let_go(Session &session) {
  if (std::exchange(session.parting_, true)) return;
  parting_.push_back(&session);
  parts_.shard.mark_dirty(*this);
}

void Sessions::flush() {
  for (auto *const session : std::exchange(parting_, {})) {
    session->parting_ = false;
    session->leave_table();
    if (session->ended()) delete session;
  }
}

asio::awaitable<void> Sessions::watch() {
  for (;;) {
    co_await runtime::sleep_for(kWatchInterval);
    auto const now = std::chrono::steady_clock::now();
    auto const wall_now = wall_clock_now();
    // A session ends in a handler of its own, so none leaves the list under this loop.
    for (auto &each : list_) static_cast<Session &>(each).watch(now, wall_now);
  }
}

asio::awaitable<void> Sessions::close(std::chrono::steady_clock::duration limit) {
  constexpr std::chrono::milliseconds kRound{10};
  constexpr std::chrono::milliseconds kRetryAfter{1'000};
  auto const deadline = std::chrono::steady_clock::now() + limit;
  constexpr std::size_t kWatch = 1;  // The task that is not a connection's.
  while ((scope_.size() > kWatch || !list_.empty()) && std::chrono::steady_clock::now() < deadline) {
    // Each time anew: one that was just being opened has joined the list meanwhile. Who is closing already goes on.
    for (auto &each : list_) static_cast<Session &>(each).close(protocol::CloseReason::restarting, kRetryAfter);
    co_await runtime::sleep_for(kRound);
  }
  for (auto &each : list_) static_cast<Session &>(each).end(metrics::CloseReason::restarting);
  auto const left = deadline - std::chrono::steady_clock::now();
  static_cast<void>(co_await scope_.close(std::max<std::chrono::steady_clock::duration>(left, kRound)));
}

}  // namespace tableforge::gateway
