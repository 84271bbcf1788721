#include "tableforge/cache/near.hpp"

#include <array>
#include <cstdint>

#include "tableforge/base/check.hpp"
#include "tableforge/base/hex.hpp"
#include "tableforge/base/os_random.hpp"

#include "cache/shard_cache.hpp"

namespace tableforge::cache {

namespace {

std::string random_instance() {
  std::array<std::byte, 8> bytes{};
  os_random(bytes);
  std::string text(2 * bytes.size(), '\0');
  char *out = text.data();
  for (std::byte const byte : bytes) out = write_hex(out, std::to_integer<std::uint8_t>(byte));
  return text;
}

std::uint64_t random_hash_seed() {
  std::uint64_t seed = 0;
  os_random(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

}  // namespace

Near::Near(std::unique_ptr<ShardCache> cache) : cache_(std::move(cache)) {}
Near::~Near() = default;
Near::Near(Near &&) noexcept = default;

void Near::start() { cache_->start(); }
asio::awaitable<void> Near::close() { return cache_->close(); }
bool Near::shared() const { return cache_->shared(); }
bool Near::listening() const { return cache_->listening(); }

Near::Hit Near::look(ClassSpec const &cls, std::string_view key) {
  auto const hit = cache_->look(cls, key);
  return {hit.entry, hit.refresh};
}

void Near::refresh(ClassSpec const &cls, std::string_view key, Fetch fetch) {
  cache_->refresh(cls, key, std::move(fetch));
}

asio::awaitable<Result<Near::Value>> Near::miss(ClassSpec const &cls, std::string key, Fetch fetch) {
  return cache_->miss(cls, std::move(key), std::move(fetch));
}

asio::awaitable<void> Near::invalidate_erased(ClassSpec const &cls, std::string key, Version version) {
  return cache_->invalidate(cls, std::move(key), version);
}

asio::awaitable<void> Near::put_erased(ClassSpec const &cls, std::string key, Value value, Version version) {
  return cache_->put(cls, std::move(key), std::move(value), version);
}

asio::awaitable<void> Near::discard_erased(ClassSpec const &cls, std::string key, Value value) {
  return cache_->discard(cls, std::move(key), std::move(value));
}

Nears::Nears(std::span<Seat const> seats, NearOptions options, metrics::CacheMetrics &metrics,
             metrics::RedisMetrics &redis)
    : process_(new Process{.options = options,
                           .seed = random_hash_seed(),
                           .instance = random_instance(),
                           .metrics = metrics,
                           .redis = redis,
                           .loads = {options.loads_max, options.waiters_max}}) {
  TF_CHECK(options.owed_max > 0);
  // A fill may be as old as one load and the wait for another instance's before it.
  TF_CHECK(options.tombstone_ttl > options.load_limit + options.lease_wait);
  nears_.reserve(seats.size());
  for (Seat const &seat : seats) {
    auto cache = std::make_unique<ShardCache>(*process_, seat.shard, seat.client);
    process_->shards.push_back(cache.get());
    nears_.emplace_back(std::move(cache));
  }
}

Nears::~Nears() = default;

}  // namespace tableforge::cache
