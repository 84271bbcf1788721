#include "tableforge/gateway/server.hpp"

#include <future>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/ws/encoder.hpp"

#include "gateway/http_service.hpp"
#include "gateway/listener.hpp"
#include "gateway/sessions.hpp"

namespace tableforge::gateway {

using asio::ip::tcp;

namespace {

constexpr std::size_t kAdminConnectionsMax = 64;

Result<tcp::endpoint> endpoint_of(std::string const &address, std::uint16_t port) {
  boost::system::error_code code;
  auto const parsed = asio::ip::make_address(address, code);
  if (!code) return tcp::endpoint(parsed, port);
  log::error("not an IP address to listen on", {{"address", address}});
  return fail(Errc::invalid, "the address to listen on is not an IP address");
}

Result<Edge> edge_of(PublicServer::Parts const &parts) {
  auto proxies = TrustedProxies::parse(parts.trusted_proxies);
  if (!proxies) return std::unexpected(proxies.error());
  return Edge{.proxies = std::move(*proxies), .proxy_protocol = parts.proxy_protocol};
}

/// Runs a task on a shard for somebody who waits on another thread.
std::future<void> run_on(runtime::Shard &shard, asio::awaitable<void> task) {
  auto promise = std::make_shared<std::promise<void>>();
  auto future = promise->get_future();
  asio::co_spawn(shard.executor(), std::move(task), [promise](std::exception_ptr failure) {
    if (failure) {
      promise->set_exception(std::move(failure));
    } else {
      promise->set_value();
    }
  });
  return future;
}

/// A shard that hangs must not hang the shutdown as well.
void wait_for(std::vector<std::future<void>> const &stopped, std::chrono::steady_clock::duration limit) {
  constexpr std::chrono::seconds kMore{1};
  auto const deadline = std::chrono::steady_clock::now() + limit + kMore;
  for (auto const &each : stopped) {
    if (each.wait_until(deadline) == std::future_status::timeout) log::warn("a shard did not end its connections");
  }
}

/// What a server has on one shard.
struct Door {
  Door(HttpService::Parts parts, ConnectionLimitPtr limit)
      : http(std::make_shared<HttpService>(parts)),
        listener(http->scope(), std::move(limit), parts.metrics,
                 [service = http.get()](tcp::socket socket, ConnectionSlot slot) {
                   service->serve(std::move(socket), std::move(slot));
                 }) {}

  std::shared_ptr<HttpService> http;
  Listener listener;
};

asio::awaitable<void> close_door(std::shared_ptr<Door> door, std::chrono::steady_clock::duration limit) {
  door->listener.stop();
  co_await door->http->close(limit);
}

/// Sessions first: a request that is still served does not depend on them, nor they on it.
asio::awaitable<void> close_shard(std::shared_ptr<Door> door, std::shared_ptr<Sessions> sessions,
                                  std::chrono::steady_clock::duration limit) {
  auto const deadline = std::chrono::steady_clock::now() + limit;
  door->listener.stop();
  door->http->drain();
  co_await sessions->close(limit);
  co_await door->http->close(deadline - std::chrono::steady_clock::now());
}

}  // namespace

void append_text_frame(std::string &out, std::string_view message) { ws::append_frame(out, ws::Opcode::text, message); }

struct PublicServer::Impl {
  explicit Impl(Parts its_parts);

  void hand_over(Upgrade upgrade);

  Parts parts;
  Result<Edge> edge;
  ConnectionLimitPtr limit;
  std::vector<std::shared_ptr<Sessions>> sessions;
  std::vector<std::shared_ptr<Door>> doors;
};

PublicServer::Impl::Impl(Parts its_parts)
    : parts(std::move(its_parts)),
      edge(edge_of(parts)),
      limit(new ConnectionLimit(parts.connections_max, parts.address_limits, parts.metrics)) {
  TF_CHECK(parts.tables.size() == parts.shards.size());
  for (std::size_t i = 0; i < parts.shards.size(); ++i) {
    sessions.push_back(std::make_shared<Sessions>(Sessions::Parts{.shard = parts.shards[i],
                                                                  .tables = *parts.tables[i],
                                                                  .verify = parts.verify,
                                                                  .knobs = parts.knobs,
                                                                  .metrics = parts.metrics,
                                                                  .host_metrics = parts.host_metrics}));
    doors.push_back(
        std::make_shared<Door>(HttpService::Parts{.shard = parts.shards[i],
                                                  .router = parts.router,
                                                  .metrics = parts.metrics,
                                                  .first_route = parts.first_route,
                                                  .upgrade = [this](Upgrade upgrade) { hand_over(std::move(upgrade)); },
                                                  .allowed_origins = parts.allowed_origins,
                                                  .edge = edge ? &*edge : nullptr,
                                                  .addresses = &limit->addresses()},
                               limit));
  }
}

/// To the table's shard: there the socket stays, and nothing inside one table ever crosses threads.
void PublicServer::Impl::hand_over(Upgrade upgrade) {
  auto &shard = parts.shards.of(upgrade.table);
  shard.post(
      [here = sessions[shard.index()], upgrade = std::move(upgrade)]() mutable { here->admit(std::move(upgrade)); });
}

PublicServer::PublicServer(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
PublicServer::~PublicServer() = default;

Result<void> PublicServer::start() {
  auto const &parts = impl_->parts;
  if (!impl_->edge) return std::unexpected(impl_->edge.error());
  auto const endpoint = endpoint_of(parts.address, parts.port);
  if (!endpoint) return std::unexpected(endpoint.error());
  bool const several = impl_->doors.size() > 1;
  if (several && parts.port != 0) {
    if (auto free = check_free(parts.shards[0].context(), *endpoint); !free) return free;
  }
  auto next = *endpoint;
  for (auto const &door : impl_->doors) {
    auto const bound = door->listener.bind(next, several ? Listener::Port::shared : Listener::Port::exclusive);
    if (!bound) return bound;
    next.port(door->listener.port());
  }
  for (std::size_t i = 0; i < impl_->doors.size(); ++i) {
    parts.shards[i].post([door = impl_->doors[i], sessions = impl_->sessions[i]] {
      sessions->start();
      door->listener.start();
    });
  }
  return {};
}

std::uint16_t PublicServer::port() const { return impl_->doors.front()->listener.port(); }

void PublicServer::stop_accepting() {
  for (std::size_t i = 0; i < impl_->doors.size(); ++i) {
    impl_->parts.shards[i].post([door = impl_->doors[i]] {
      door->listener.stop();
      door->http->drain();
    });
  }
}

void PublicServer::stop(std::chrono::steady_clock::duration limit) {
  std::vector<std::future<void>> stopped;
  for (std::size_t i = 0; i < impl_->doors.size(); ++i) {
    stopped.push_back(run_on(impl_->parts.shards[i], close_shard(impl_->doors[i], impl_->sessions[i], limit)));
  }
  wait_for(stopped, limit);
}

struct AdminServer::Impl {
  explicit Impl(Parts its_parts)
      : parts(std::move(its_parts)),
        door(std::make_shared<Door>(HttpService::Parts{.shard = parts.shard,
                                                       .router = parts.router,
                                                       .metrics = parts.metrics,
                                                       .first_route = parts.first_route},
                                    ConnectionLimitPtr(new ConnectionLimit(kAdminConnectionsMax, {}, parts.metrics)))) {
  }

  Parts parts;
  std::shared_ptr<Door> door;
};

AdminServer::AdminServer(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
AdminServer::~AdminServer() = default;

Result<void> AdminServer::start() {
  auto const endpoint = endpoint_of(impl_->parts.address, impl_->parts.port);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (auto bound = impl_->door->listener.bind(*endpoint, Listener::Port::exclusive); !bound) return bound;
  impl_->parts.shard.post([door = impl_->door] { door->listener.start(); });
  return {};
}

std::uint16_t AdminServer::port() const { return impl_->door->listener.port(); }

void AdminServer::stop(std::chrono::steady_clock::duration limit) {
  std::vector<std::future<void>> stopped;
  stopped.push_back(run_on(impl_->parts.shard, close_door(impl_->door, limit)));
  wait_for(stopped, limit);
}

}  // namespace tableforge::gateway
