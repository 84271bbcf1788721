#include "tableforge/relay/redis_relay.hpp"

#include <utility>

#include "relay/wire.hpp"

namespace tableforge::relay {

RedisRelay::RedisRelay(runtime::Shard &shard, redis::Client &client, Options options, Knobs const &knobs,
                       metrics::RelayMetrics &metrics, metrics::RedisMetrics &redis_metrics)
    : wire_(std::make_unique<Wire>(shard, client, std::move(options), knobs, metrics, redis_metrics)) {}

RedisRelay::~RedisRelay() = default;

void RedisRelay::start() { wire_->start(); }

asio::awaitable<void> RedisRelay::close() { co_await wire_->close(); }

std::shared_ptr<host::RelayLine> RedisRelay::follow(TableId table) { return wire_->follow(table); }

bool RedisRelay::listening() const { return wire_->listening(); }

}  // namespace tableforge::relay
