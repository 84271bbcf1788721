#include "performance/cache/cache_instance.hpp"

#include <chrono>
#include <stdexcept>

#include "tableforge/base/uuid.hpp"
#include "tableforge/runtime/timer.hpp"

#include "support/private_servers.hpp"

namespace tableforge::test {

namespace {

using namespace std::chrono_literals;

/// Until commands are answered and invalidations are heard.
boost::asio::awaitable<void> come_up(redis::Client &client, cache::Near &near) {
  client.start();
  near.start();
  auto const give_up = std::chrono::steady_clock::now() + 30s;
  while (client.health() != redis::Health::up || !near.listening()) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("Redis does not answer");
    co_await runtime::sleep_for(1ms);
  }
}

boost::asio::awaitable<void> go_down(redis::Client &client, cache::Near &near) {
  co_await near.close();
  co_await client.close();
}

}  // namespace

CacheInstance::CacheInstance(Options options) : shards_(options.shards, runtime_metrics_) {
  auto const address = redis::parse_url(PrivateServers::shared().redis_url()).value();
  std::vector<cache::Nears::Seat> seats;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    clients_.push_back(
        std::make_unique<redis::Client>(shards_[i], redis::Client::Options{.address = address}, redis_metrics_));
    seats.push_back({.shard = shards_[i], .client = *clients_[i]});
  }
  options.near.name_space = options.name_space;
  options.near.address = address;
  nears_.emplace(seats, options.near, metrics_, redis_metrics_);
  shards_.start();
  for (std::size_t i = 0; i < size(); ++i) run(i, come_up(client(i), near(i)));
}

CacheInstance::~CacheInstance() {
  for (std::size_t i = 0; i < size(); ++i) run(i, go_down(client(i), near(i)));
  shards_.stop();
  shards_.join();
}

std::future<void> CacheInstance::begin(std::size_t shard, boost::asio::awaitable<void> task) {
  auto const done = std::make_shared<std::promise<void>>();
  boost::asio::co_spawn(shards_[shard].executor(), std::move(task), [done](std::exception_ptr failure) {
    failure ? done->set_exception(std::move(failure)) : done->set_value();
  });
  return done->get_future();
}

void CacheInstance::settle() {
  // The first may be within the turn that is to end, and what it starts is not.
  for (std::size_t i = 0; i < size(); ++i) run(i, runtime::sleep_for(1ms));
}

std::string fresh_name_space() { return "t" + Uuid::random().text(); }

}  // namespace tableforge::test
