#include "tableforge/redis/subscriber.hpp"

#include <algorithm>
#include <span>
#include <unordered_map>
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

  void add(std::string const &channel) {
    TF_CHECK(shard().on_this_thread());
    auto &added = added_[channel];
    added.wanted = true;
    if (listening_) pursue(channel, added);
  }

  void remove(std::string const &channel) {
    TF_CHECK(shard().on_this_thread());
    auto const found = added_.find(channel);
    if (found == added_.end()) return;
    found->second.wanted = false;
    if (found->second.stage == Stage::none) {
      added_.erase(found);
    } else if (listening_) {
      pursue(channel, found->second);
    }
  }

  [[nodiscard]] bool hears(std::string const &channel) const {
    auto const found = added_.find(channel);
    return listening_ && found != added_.end() && found->second.stage == Stage::heard;
  }

 private:
  /// AUTH, SELECT and PING; the subscription itself is no command with an answer.
  static constexpr std::size_t kGreetingCommandsMax = 3;
  /// Channels named in one command: a command of any length is read whole before Redis does anything else.
  static constexpr std::size_t kChannelsPerAsk = 1'000;

  /// How far a channel that was added has come on the present connection.
  enum class Stage : std::uint8_t { none, asked, heard, leaving };
  struct Added {
    bool wanted = true;
    Stage stage = Stage::none;
  };

  asio::awaitable<Result<void>> prepare(Connection &connection, Clock::time_point deadline) override {
    connection.on_push([this](Connection::Push push, std::string_view channel, std::string_view payload) {
      pushed(push, channel, payload);
    });
    auto channels = options_.channels;
    for (auto it = added_.begin(); it != added_.end();) {
      if (it->second.wanted) {
        it->second.stage = Stage::asked;
        channels.push_back(it->first);
        ++it;
      } else {
        it = added_.erase(it);
      }
    }
    for (std::size_t first = 0; first < channels.size(); first += kChannelsPerAsk) {
      auto const some = std::span(channels).subspan(first, std::min(kChannelsPerAsk, channels.size() - first));
      auto const asked = co_await connection.subscribe(some, deadline - Clock::now());
      if (!asked) co_return asked;
    }
    co_return Result<void>{};
  }

  void pushed(Connection::Push push, std::string_view channel, std::string_view payload) {
    if (push == Connection::Push::message) {
      metrics_.messages.add();
      if (owner_.on_message) owner_.on_message(channel, payload);
      return;
    }
    auto const found = added_.find(std::string(channel));
    if (found == added_.end()) return;  // One of those that are there for good.
    auto &added = found->second;
    added.stage = push == Connection::Push::subscribed ? Stage::heard : Stage::none;
    if (!added.wanted && added.stage == Stage::none) {
      added_.erase(found);
      return;
    }
    if (!listening_) return;  // On the way up: on_up() sees to the rest.
    bool const news = added.stage == Stage::heard && added.wanted;
    pursue(found->first, added);
    if (news && owner_.on_added) owner_.on_added(channel);
  }

  /// Takes the next step towards what is wanted, if one can be taken now.
  void pursue(std::string const &channel, Added &added) {
    auto const &its = connection();
    if (!its) return;
    if (added.wanted && added.stage == Stage::none) {
      if (its->ask(Connection::Ask::subscribe, std::span(&channel, 1))) added.stage = Stage::asked;
    } else if (!added.wanted && added.stage == Stage::heard) {
      if (its->ask(Connection::Ask::unsubscribe, std::span(&channel, 1))) added.stage = Stage::leaving;
    }
  }

  asio::awaitable<void> beat() {
    while (true) {
      co_await runtime::sleep_for(options_.heartbeat);
      auto const asked = connection();
      if (!asked) continue;
      auto const alive = co_await asked->subscribe(std::span(options_.channels).first(1), options_.heartbeat_limit);
      if (!alive && connection() == asked) asked->end();
    }
  }

  void on_up(bool) override {
    listening_ = true;
    metrics_.subscribed.add();
    log::write(told_down_ ? log::Level::warn : log::Level::info, "redis subscription is in force", {});
    told_down_ = false;
    // Those that came and went while the subscription was being made.
    for (auto &[channel, added] : added_) pursue(channel, added);
    if (owner_.on_back) owner_.on_back();
  }
  void on_lost() override {
    listening_ = false;
    metrics_.subscribed.sub();
    std::erase_if(added_, [](auto const &each) { return !each.second.wanted; });
    for (auto &[channel, added] : added_) added.stage = Stage::none;
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
  std::unordered_map<std::string, Added> added_;
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

void Subscriber::add(std::string const &channel) { state_->add(channel); }

void Subscriber::remove(std::string const &channel) { state_->remove(channel); }

bool Subscriber::hears(std::string const &channel) const { return state_->hears(channel); }

}  // namespace tableforge::redis
