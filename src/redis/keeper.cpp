#include "redis/keeper.hpp"

#include <span>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/base/os_random.hpp"
#include "tableforge/runtime/timer.hpp"

namespace tableforge::redis {

namespace {

std::uint32_t jitter_seed() {
  std::uint32_t seed = 0;
  os_random(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

asio::awaitable<Result<std::vector<std::string>>> resolve(std::string host) {
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  auto const [code, found] = co_await resolver.async_resolve(host, "", asio::as_tuple(asio::use_awaitable));
  if (code) co_return fail(Errc::unavailable, "the Redis host cannot be resolved");
  std::vector<std::string> hosts;
  for (auto const &entry : found) hosts.push_back(entry.endpoint().address().to_string());
  co_return hosts;
}

}  // namespace

Keeper::Keeper(runtime::Shard &shard, Options options)
    : shard_(shard), options_(std::move(options)), scope_(shard), breaker_(options_.breaker, jitter_seed()) {}

void Keeper::keep() {
  TF_CHECK(shard_.on_this_thread());
  spawn(scope_, "redis connection", keep_connected());
}

asio::awaitable<void> Keeper::close() {
  co_await scope_.close();
  if (connection_) lose();
}

asio::awaitable<Result<void>> Keeper::prepare(Connection &, Clock::time_point) { co_return Result<void>{}; }

asio::awaitable<void> Keeper::keep_connected() {
  bool again = false;
  while (true) {
    auto const ticket = breaker_.admit(Clock::now());
    on_breaker();
    if (!ticket) {
      co_await runtime::sleep_for(breaker_.retry_at() - Clock::now());
      continue;
    }
    auto made = co_await connect();
    if (!made) {
      breaker_.failed(*ticket, Clock::now());
      // A refused connection needs no confirmation by further ones.
      breaker_.trip(Clock::now());
      on_down(made.error().text);
      continue;
    }
    breaker_.succeeded(*ticket, Clock::now());
    connection_ = std::move(*made);
    on_up(std::exchange(again, true));
    co_await connection_->gone();
    lose();
    bool const slow = breaker_.state() == Breaker::State::open;
    breaker_.trip(Clock::now());
    on_down(slow ? "Redis is too slow" : "the connection was lost");
  }
}

void Keeper::lose() {
  connection_->end();
  connection_.reset();
  on_lost();
}

asio::awaitable<Result<std::shared_ptr<Connection>>> Keeper::connect() {
  auto const deadline = Clock::now() + options_.connect_limit;
  Address const &address = options_.address;
  auto const hosts = co_await numeric_hosts(deadline);
  if (!hosts) co_return std::unexpected(hosts.error());
  Result<void> connected = fail(Errc::unavailable, "the Redis host has no address");
  for (std::string const &host : *hosts) {
    auto connection = std::make_shared<Connection>(shard_, options_.in_flight_max);
    if (address.socket_path.empty()) {
      connected = co_await connection->connect_tcp(host, address.port, deadline - Clock::now());
    } else {
      connected = co_await connection->connect_unix(address.socket_path, deadline - Clock::now());
    }
    if (!connected) continue;
    if (auto const greeted = co_await greet(*connection, deadline); !greeted) {
      co_return std::unexpected(greeted.error());
    }
    if (auto const prepared = co_await prepare(*connection, deadline); !prepared) {
      co_return std::unexpected(prepared.error());
    }
    co_return connection;
  }
  co_return std::unexpected(connected.error());
}

/// The addresses to try, in the resolver's order. One entry stands for a unix socket.
asio::awaitable<Result<std::vector<std::string>>> Keeper::numeric_hosts(Clock::time_point deadline) {
  std::vector<std::string> hosts;
  std::string const &host = options_.address.host;
  boost::system::error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (!options_.address.socket_path.empty() || !not_numeric) {
    hosts.push_back(host);
    co_return hosts;
  }
  co_return co_await runtime::with_deadline(resolve(host), deadline - Clock::now());
}

asio::awaitable<Result<void>> Keeper::greet(Connection &connection, Clock::time_point deadline) {
  Address const &address = options_.address;
  std::vector<std::vector<std::string>> steps;
  if (!address.password.empty()) {
    if (address.user.empty()) {
      steps.push_back({"AUTH", address.password});
    } else {
      steps.push_back({"AUTH", address.user, address.password});
    }
  }
  if (address.database != 0) steps.push_back({"SELECT", std::to_string(address.database)});
  // Also what tells a Redis that is still loading its data from one that serves.
  steps.push_back({"PING"});
  for (auto const &step : steps) {
    auto const reply = co_await connection.command(step, deadline - Clock::now());
    if (!reply) co_return std::unexpected(reply.error());
    if (auto const *error = reply->error()) {
      refusals_.warn("redis refused us", {{"command", step.front()}, {"reply", error->text}});
      co_return fail(Errc::unavailable, "Redis refused us");
    }
  }
  co_return Result<void>{};
}

}  // namespace tableforge::redis
