#include "relay/wire.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "tableforge/base/check.hpp"
#include "tableforge/base/os_random.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/runtime/timer.hpp"

namespace tableforge::relay {

namespace {

/// Where no other instance is known, greetings serve only to be found by one whose own was lost.
constexpr int kAloneFactor = 6;
/// The longest that something due may wait.
constexpr std::chrono::milliseconds kTickMax{1'000};
constexpr std::chrono::seconds kPulseLimit{1};

std::uint32_t random_seed() {
  std::uint32_t seed = 0;
  os_random(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

metrics::RelayKind kind_of(Content const &content) { return static_cast<metrics::RelayKind>(content.index()); }

}  // namespace

RedisRelay::Wire::Wire(runtime::Shard &shard, redis::Client &client, Options options, Knobs const &knobs,
                       metrics::RelayMetrics &metrics, metrics::RedisMetrics &redis_metrics)
    : shard_(shard),
      client_(client),
      knobs_(knobs),
      metrics_(metrics),
      enabled_(options.address.has_value()),
      prefix_(options.name_space + ":relay:{"),
      random_(random_seed()),
      subscriber_(shard,
                  {.address = options.address,
                   .channels = {options.name_space + ":relay"},
                   .heartbeat = options.heartbeat,
                   .backoff = options.backoff},
                  {.on_message = [this](std::string_view channel, std::string_view bytes) { hear(channel, bytes); },
                   .on_lost = {},
                   .on_back = [this] { back(); },
                   .on_added = [this](std::string_view channel) { added(channel); }},
                  redis_metrics),
      scope_(shard) {}

void RedisRelay::Wire::start() {
  TF_CHECK(shard_.on_this_thread());
  if (!enabled_) return;
  subscriber_.start();
  runtime::spawn(scope_, "relay's time", keep_time());
}

asio::awaitable<void> RedisRelay::Wire::close() {
  co_await scope_.close();
  co_await subscriber_.close();
}

std::shared_ptr<host::RelayLine> RedisRelay::Wire::follow(TableId table) {
  TF_CHECK(shard_.on_this_thread());
  if (auto const found = lines_.find(table); found != lines_.end()) return found->second->shared_from_this();
  auto line = std::make_shared<Line>(*this, table);
  lines_[table] = line.get();
  metrics_.tables.add();
  if (enabled_) subscriber_.add(line->channel());
  return line;
}

void RedisRelay::Wire::unfollow(Line const &line) {
  if (enabled_) subscriber_.remove(line.channel());
  lines_.erase(line.table());
  metrics_.tables.sub();
}

bool RedisRelay::Wire::tell(Line const &line, Content content) {
  if (!enabled_) return false;
  auto const kind = kind_of(content);
  auto const bytes = encode({.sender = instance_, .content = std::move(content)});
  bool const told = client_.tell({"PUBLISH", line.channel(), bytes});
  (told ? metrics_.sent : metrics_.dropped).at(kind).add();
  return told;
}

RedisRelay::Wire::Clock::duration RedisRelay::Wire::greeting_distance(bool shared) {
  Clock::duration const mean = knobs_.relay_greeting.get() * (shared ? 1 : kAloneFactor);
  return std::chrono::duration_cast<Clock::duration>(mean * std::uniform_real_distribution(0.8, 1.2)(random_));
}

RedisRelay::Line *RedisRelay::Wire::line_of(std::string_view channel) const {
  if (channel.size() != prefix_.size() + Uuid::kTextBytes + 1) return nullptr;
  auto const table = Uuid::parse(channel.substr(prefix_.size(), Uuid::kTextBytes));
  auto const found = table ? lines_.find(TableId(*table)) : lines_.end();
  return found == lines_.end() ? nullptr : found->second;
}

void RedisRelay::Wire::hear(std::string_view channel, std::string_view bytes) {
  auto const sender = sender_of(bytes);
  if (sender == instance_) return;  // Redis tells everybody, also who said it.
  auto *const line = line_of(channel);
  if (line == nullptr) return;  // No longer followed, or the channel that is there for the heartbeat.
  auto message = decode(bytes);
  if (!message) {
    metrics_.undecodable.add();
    undecodable_.warn("a message on a table's channel cannot be understood; do instances of two versions run?",
                      {{"table", line->table()}, {"bytes", bytes.size()}});
    return;
  }
  metrics_.heard.at(kind_of(message->content)).add();
  // What it is told may make the table go.
  auto const kept = line->shared_from_this();
  kept->hear(std::move(*message), Clock::now());
}

void RedisRelay::Wire::added(std::string_view channel) {
  if (auto *const line = line_of(channel)) line->joined(Clock::now());
}

void RedisRelay::Wire::back() {
  auto const now = Clock::now();
  for (auto const &[table, line] : lines_) {
    line->joined(now);
    line->missed();
  }
}

asio::awaitable<void> RedisRelay::Wire::keep_time() {
  for (;;) {
    Clock::duration const round = knobs_.relay_greeting.get() / 4;
    co_await runtime::sleep_for(std::min<Clock::duration>(round, kTickMax));
    auto const before = std::exchange(connections_, client_.connections());
    bool const again = before != 0 && before != connections_;
    auto const now = Clock::now();
    for (auto const &[table, line] : lines_) {
      if (again) line->greet_again();
      line->look_round(now);
    }
    // Nobody waits for what is told, so a Redis that no longer answers is noticed by asking.
    if (client_.told_bytes() > 0) static_cast<void>(co_await client_.command({"PING"}, kPulseLimit));
  }
}

}  // namespace tableforge::relay
