#include "tableforge/redis/client.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <strings.h>

#include "tableforge/base/check.hpp"
#include "tableforge/base/os_random.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/runtime/scope.hpp"
#include "tableforge/runtime/timer.hpp"

#include "redis/connection.hpp"

namespace tableforge::redis {

namespace {

using Clock = std::chrono::steady_clock;
using metrics::CommandOutcome;

std::uint32_t jitter_seed() {
  std::uint32_t seed = 0;
  os_random(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

/// These turn the connection into something else than a queue of commands and answers.
bool changes_the_connection(std::string const &command) {
  constexpr std::array<char const *, 8> kRefused{"subscribe",    "psubscribe", "ssubscribe", "unsubscribe",
                                                 "punsubscribe", "monitor",    "quit",       "hello"};
  return std::ranges::any_of(kRefused, [&](char const *word) { return ::strcasecmp(word, command.c_str()) == 0; });
}

CommandOutcome outcome_of(Result<Reply> const &reply) {
  if (reply) return reply->is_error() ? CommandOutcome::error : CommandOutcome::ok;
  switch (reply.error().code) {
    case Errc::timeout: return CommandOutcome::timeout;
    case Errc::overloaded: return CommandOutcome::overloaded;
    default: return CommandOutcome::unavailable;
  }
}

}  // namespace

class Client::State {
 public:
  State(runtime::Shard &shard, Options options, metrics::RedisMetrics &metrics)
      : shard_(shard),
        options_(std::move(options)),
        metrics_(metrics),
        scope_(shard),
        breaker_(options_.breaker, jitter_seed()),
        health_(options_.address ? Health::down : Health::disabled) {}

  void start() {
    TF_CHECK(shard_.on_this_thread());
    if (options_.address) spawn(scope_, "redis connection", keep_connected());
  }

  asio::awaitable<void> close() {
    co_await scope_.close();
    if (connection_) lose_connection();
    if (options_.address) health_.store(Health::down, std::memory_order_relaxed);
  }

  asio::awaitable<Result<Reply>> command(std::vector<std::string> words, Clock::duration limit) {
    TF_CHECK(shard_.on_this_thread());
    if (words.empty() || changes_the_connection(words.front())) {
      co_return fail(Errc::invalid, "no command for a shared Redis connection");
    }
    auto const started = Clock::now();
    auto const connection = connection_;
    auto const ticket = connection ? breaker_.admit(started) : std::nullopt;
    if (!ticket) {
      metrics_.commands.at(CommandOutcome::unavailable).add();
      co_return fail(Errc::unavailable, "Redis is away");
    }
    auto reply = co_await connection->command(words, limit);
    auto const ended = Clock::now();
    metrics_.commands.at(outcome_of(reply)).add();
    if (reply) {
      metrics_.latency.record(ended - started);
      breaker_.succeeded(*ticket, ended);
    } else if (reply.error().code == Errc::timeout) {
      breaker_.failed(*ticket, ended);
      // Whatever still comes on this connection comes too late for everybody; the next one starts with a probe.
      if (breaker_.state() == Breaker::State::open && connection_ == connection) connection->end();
    } else {
      // A lost connection is noticed once, by the task that keeps it, not by each command on it.
      breaker_.abandoned(*ticket);
    }
    co_return reply;
  }

  [[nodiscard]] Health health() const { return health_.load(std::memory_order_relaxed); }

 private:
  asio::awaitable<void> keep_connected() {
    bool connected_before = false;
    while (true) {
      auto const ticket = breaker_.admit(Clock::now());
      tell_breaker();
      if (!ticket) {
        co_await runtime::sleep_for(breaker_.retry_at() - Clock::now());
        continue;
      }
      auto made = co_await connect();
      if (!made) {
        breaker_.failed(*ticket, Clock::now());
        // A refused connection needs no confirmation by further ones.
        breaker_.trip(Clock::now());
        tell(Health::down, made.error().text);
        continue;
      }
      breaker_.succeeded(*ticket, Clock::now());
      connection_ = std::move(*made);
      metrics_.connected.add();
      if (connected_before) metrics_.reconnects.add();
      connected_before = true;
      tell(Health::up, "connected");
      co_await connection_->gone();
      lose_connection();
      bool const slow = breaker_.state() == Breaker::State::open;
      breaker_.trip(Clock::now());
      tell(Health::down, slow ? "Redis is too slow" : "the connection was lost");
    }
  }

  void lose_connection() {
    connection_->end();
    connection_.reset();
    metrics_.connected.sub();
  }

  /// Connects, authenticates and sees an answer; only then is Redis up.
  asio::awaitable<Result<std::shared_ptr<Connection>>> connect() {
    auto const deadline = Clock::now() + options_.connect_limit;
    Address const &address = *options_.address;
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
      co_return connection;
    }
    co_return std::unexpected(connected.error());
  }

  /// The addresses to try, in the resolver's order. One entry stands for a unix socket.
  asio::awaitable<Result<std::vector<std::string>>> numeric_hosts(Clock::time_point deadline) {
    std::vector<std::string> hosts;
    std::string const &host = options_.address->host;
    boost::system::error_code not_numeric;
    asio::ip::make_address(host, not_numeric);
    if (!options_.address->socket_path.empty() || !not_numeric) {
      hosts.push_back(host);
      co_return hosts;
    }
    co_return co_await runtime::with_deadline(resolve(host), deadline - Clock::now());
  }

  static asio::awaitable<Result<std::vector<std::string>>> resolve(std::string host) {
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    auto const [code, found] = co_await resolver.async_resolve(host, "", asio::as_tuple(asio::use_awaitable));
    if (code) co_return fail(Errc::unavailable, "the Redis host cannot be resolved");
    std::vector<std::string> hosts;
    for (auto const &entry : found) hosts.push_back(entry.endpoint().address().to_string());
    co_return hosts;
  }

  asio::awaitable<Result<void>> greet(Connection &connection, Clock::time_point deadline) {
    Address const &address = *options_.address;
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

  void tell_breaker() { metrics_.breaker_state.set(static_cast<std::int64_t>(breaker_.state())); }

  /// One line for each change between up and down, however often it is tried in between.
  void tell(Health health, std::string_view reason) {
    tell_breaker();
    if (told_ == health) return;
    bool const at_boot = !told_;
    told_ = health;
    health_.store(health, std::memory_order_relaxed);
    bool const expected = at_boot && health == Health::up;
    log::write(expected ? log::Level::info : log::Level::warn, health == Health::up ? "redis is up" : "redis is down",
               {{"reason", reason}});
  }

  runtime::Shard &shard_;
  Options const options_;
  metrics::RedisMetrics &metrics_;
  runtime::Scope scope_;
  Breaker breaker_;
  std::shared_ptr<Connection> connection_;
  std::atomic<Health> health_;
  std::optional<Health> told_;
  log::Limited refusals_{std::chrono::minutes(1)};
};

Client::Client(runtime::Shard &shard, Options options, metrics::RedisMetrics &metrics)
    : state_(std::make_shared<State>(shard, std::move(options), metrics)) {}

Client::~Client() = default;

void Client::start() { state_->start(); }

asio::awaitable<void> Client::close() {
  auto const state = state_;
  co_await state->close();
}

asio::awaitable<Result<Reply>> Client::command(std::vector<std::string> words, Clock::duration limit) {
  auto const state = state_;
  co_return co_await state->command(std::move(words), limit);
}

Health Client::health() const { return state_->health(); }

}  // namespace tableforge::redis
