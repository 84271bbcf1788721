#include "tableforge/redis/client.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>
#include <utility>

#include <strings.h>

#include "tableforge/base/check.hpp"
#include "tableforge/log/log.hpp"

#include "redis/keeper.hpp"

namespace tableforge::redis {

namespace {

using Clock = std::chrono::steady_clock;
using metrics::CommandOutcome;

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

class Client::State final : public Keeper {
 public:
  State(runtime::Shard &shard, Client::Options options, metrics::RedisMetrics &metrics)
      : Keeper(shard, {.address = options.address.value_or(Address{}),
                       .in_flight_max = options.in_flight_max,
                       .connect_limit = options.connect_limit,
                       .breaker = options.breaker}),
        enabled_(options.address.has_value()),
        told_bytes_max_(options.told_bytes_max),
        metrics_(metrics),
        health_(enabled_ ? Health::down : Health::disabled) {
    if (enabled_) metrics_.breaker_state.change(std::nullopt, number(told_breaker_));
  }
  ~State() {
    if (enabled_) metrics_.breaker_state.change(number(told_breaker_), std::nullopt);
  }

  void start() {
    TF_CHECK(shard().on_this_thread());
    if (enabled_) keep();
  }

  asio::awaitable<void> end() {
    co_await close();
    if (enabled_) health_.store(Health::down, std::memory_order_relaxed);
  }

  asio::awaitable<Result<Reply>> command(std::vector<std::string> words, Clock::duration limit) {
    TF_CHECK(shard().on_this_thread());
    if (words.empty() || changes_the_connection(words.front())) {
      co_return fail(Errc::invalid, "no command for a shared Redis connection");
    }
    auto const started = Clock::now();
    auto const its_connection = connection();
    auto const ticket = its_connection ? breaker().admit(started) : std::nullopt;
    if (!ticket) {
      metrics_.commands.at(CommandOutcome::unavailable).add();
      co_return fail(Errc::unavailable, "Redis is away");
    }
    auto reply = co_await its_connection->command(words, limit);
    auto const ended = Clock::now();
    metrics_.commands.at(outcome_of(reply)).add();
    if (reply) {
      metrics_.latency.record(ended - started);
      breaker().succeeded(*ticket, ended);
    } else if (reply.error().code == Errc::timeout) {
      breaker().failed(*ticket, ended);
      on_breaker();
      // Whatever still comes on this connection comes too late for everybody; the next one starts with a probe.
      if (breaker().state() == Breaker::State::open && connection() == its_connection) its_connection->end();
    } else {
      // A lost connection is noticed once, by the task that keeps it, not by each command on it.
      breaker().abandoned(*ticket);
    }
    co_return reply;
  }

  bool tell(std::initializer_list<std::string_view> words) {
    TF_CHECK(shard().on_this_thread());
    bool const stands = connection() != nullptr && breaker().state() == Breaker::State::closed;
    bool const told = stands && connection()->told_bytes() < told_bytes_max_ && connection()->tell(words);
    metrics_.commands.at(told     ? CommandOutcome::ok
                         : stands ? CommandOutcome::overloaded
                                  : CommandOutcome::unavailable)
        .add();
    return told;
  }

  [[nodiscard]] std::size_t told_bytes() const { return connection() ? connection()->told_bytes() : 0; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }

  [[nodiscard]] Health health() const { return health_.load(std::memory_order_relaxed); }

 private:
  void on_up(bool again) override {
    ++connections_;
    metrics_.connected.add();
    if (again) metrics_.reconnects.add();
    tell(Health::up, "connected");
  }
  void on_lost() override { metrics_.connected.sub(); }
  void on_down(std::string_view reason) override { tell(Health::down, reason); }
  static std::int64_t number(Breaker::State state) { return static_cast<std::int64_t>(state); }
  void on_breaker() override {
    auto const state = breaker().state();
    if (state == told_breaker_) return;
    metrics_.breaker_state.change(number(told_breaker_), number(state));
    told_breaker_ = state;
  }

  /// One line for each change between up and down, however often it is tried in between.
  void tell(Health health, std::string_view reason) {
    on_breaker();
    if (told_ == health) return;
    bool const at_boot = !told_;
    told_ = health;
    health_.store(health, std::memory_order_relaxed);
    bool const expected = at_boot && health == Health::up;
    log::write(expected ? log::Level::info : log::Level::warn, health == Health::up ? "redis is up" : "redis is down",
               {{"reason", reason}});
  }

  bool const enabled_;
  std::size_t const told_bytes_max_;
  metrics::RedisMetrics &metrics_;
  std::atomic<Health> health_;
  Breaker::State told_breaker_ = Breaker::State::closed;
  std::optional<Health> told_;
  std::uint64_t connections_ = 0;
};

Client::Client(runtime::Shard &shard, Options options, metrics::RedisMetrics &metrics)
    : state_(std::make_shared<State>(shard, std::move(options), metrics)) {}

Client::~Client() = default;

void Client::start() { state_->start(); }

asio::awaitable<void> Client::close() {
  auto const state = state_;
  co_await state->end();
}

asio::awaitable<Result<Reply>> Client::command(std::vector<std::string> words, Clock::duration limit) {
  auto const state = state_;
  co_return co_await state->command(std::move(words), limit);
}

bool Client::tell(std::initializer_list<std::string_view> words) { return state_->tell(words); }

std::size_t Client::told_bytes() const { return state_->told_bytes(); }

std::uint64_t Client::connections() const { return state_->connections(); }

Health Client::health() const { return state_->health(); }

}  // namespace tableforge::redis
