#include "tableforge/redis/subscriber.hpp"

#include <utility>

#include "tableforge/base/check.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/runtime/timer.hpp"

#include "redis/keeper.hpp"

namespace tableforge::redis {

class Subscriber::State final : public Keeper {
 public:
  State(runtime::Shard &shard, Subscriber::Options options, Owner owner, metrics::RedisMetrics &metrics)
      : Keeper(shard, {.address = options.address.value_or(Address{}),
                       .in_flight_max = kGreetingCommandsMax,
                       .connect_limit = options.connect_limit,
                       .breaker = options.backoff}),
        options_(std::move(options)),
        owner_(std::move(owner)),
        metrics_(metrics) {
    TF_CHECK(!options_.address || !options_.channels.empty());
  }

  void start() {
    if (!options_.address) return;
    keep();
    spawn(scope(), "redis heartbeat", beat());
  }

  asio::awaitable<void> end() {
    closing_ = true;
    co_await close();
  }

  [[nodiscard]] bool listening() const { return listening_; }

 private:
  /// AUTH, SELECT and PING; the subscription itself is no command with an answer.
  static constexpr std::size_t kGreetingCommandsMax = 3;

  asio::awaitable<Result<void>> prepare(Connection &connection, Clock::time_point deadline) override {
    co_return co_await ask(connection, deadline - Clock::now());
  }

  asio::awaitable<Result<void>> ask(Connection &connection, Clock::duration limit) {
    co_return co_await connection.subscribe(
        options_.channels,
        [this](std::string_view channel, std::string_view payload) {
          metrics_.messages.add();
          if (owner_.on_message) owner_.on_message(channel, payload);
        },
        limit);
  }

  asio::awaitable<void> beat() {
    while (true) {
      co_await runtime::sleep_for(options_.heartbeat);
      auto const asked = connection();
      if (!asked) continue;
      auto const alive = co_await ask(*asked, options_.heartbeat_limit);
      if (!alive && connection() == asked) asked->end();
    }
  }

  void on_up(bool) override {
    listening_ = true;
    metrics_.subscribed.add();
    log::write(told_down_ ? log::Level::warn : log::Level::info, "redis subscription is in force", {});
    told_down_ = false;
    if (owner_.on_back) owner_.on_back();
  }
  void on_lost() override {
    listening_ = false;
    metrics_.subscribed.sub();
    if (closing_) return;
    metrics_.subscriptions_lost.add();
    if (owner_.on_lost) owner_.on_lost();
  }
  void on_down(std::string_view reason) override {
    if (std::exchange(told_down_, true)) return;
    log::warn("redis subscription is not in force", {{"reason", reason}});
  }

  Subscriber::Options const options_;
  Owner const owner_;
  metrics::RedisMetrics &metrics_;
  bool listening_ = false;
  bool told_down_ = false;
  bool closing_ = false;
};

Subscriber::Subscriber(runtime::Shard &shard, Options options, Owner owner, metrics::RedisMetrics &metrics)
    : state_(std::make_shared<State>(shard, std::move(options), std::move(owner), metrics)) {}

Subscriber::~Subscriber() = default;

void Subscriber::start() { state_->start(); }

asio::awaitable<void> Subscriber::close() {
  auto const state = state_;
  co_await state->end();
}

bool Subscriber::listening() const { return state_->listening(); }

}  // namespace tableforge::redis
