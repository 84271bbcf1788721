#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/cache/class.hpp"
#include "tableforge/cache/entry.hpp"
#include "tableforge/cache/watch.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/redis/address.hpp"
#include "tableforge/redis/breaker.hpp"
#include "tableforge/redis/client.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::cache {

namespace asio = boost::asio;

class ShardCache;
struct Process;

/// Boot-time numbers of the cache; the live ones are each class's CacheKnobs.
struct NearOptions {
  /// Of this deployment. Redis may serve several.
  std::string name_space = "tableforge";
  /// Where invalidations of other instances are heard. None: no Redis, or no other instance.
  std::optional<redis::Address> address{};
  std::size_t loads_max = 1'024;     ///< In the process.
  std::size_t waiters_max = 65'536;  ///< In the process.
  /// For one load from the origin. Who waits has twice that, because the load may have waited for another instance's.
  Clock::duration load_limit = std::chrono::seconds(5);
  /// For one command to Redis: past it, the database is asked instead.
  Clock::duration remote_limit = std::chrono::milliseconds(10);
  std::size_t compress_from_bytes = 1'024;
  /// How long other instances may hold back for one that loads, and how long they do.
  Clock::duration lease = std::chrono::seconds(2);
  Clock::duration lease_wait = std::chrono::milliseconds(250);
  /// How long Redis refuses fills from before an invalidation. Must exceed what such a fill can take.
  Clock::duration tombstone_ttl = std::chrono::seconds(30);
  /// Invalidations that Redis did not take, and is told when it is back, for each shard; one for each key. Past it the
  /// oldest is dropped: what Redis holds there ends with its ttl.
  std::size_t owed_max = 4'096;
  /// An origin that fails again and again is left alone for a while, by each shard for each class. 2 s is what people
  /// wait for a page to come back; a database needs longer to recover from being asked in vain.
  redis::Breaker::Options origin_backoff{
      .failures_max = 5, .wait_min = std::chrono::milliseconds(100), .wait_max = std::chrono::seconds(2)};
  Clock::duration heartbeat = std::chrono::seconds(1);
  std::function<Clock::time_point()> now = &Clock::now;
  std::function<Time()> wall_now = &wall_clock_now;
  WatchMaker watch{};  ///< None: nobody looks.
};

/// The read cache, as one shard sees it: memory of its own, then Redis, then the origin.
///
/// A hit takes no lock, suspends nothing and allocates nothing. On a miss, one reader in the process asks Redis, and
/// one instance asks the origin; all others wait for it. What is served:
///  - is never older than its class's ttl + stale_while_revalidate, whatever fails;
///  - is never from before an invalidation of this process that was complete when it was asked for;
///  - is past its ttl only while it is being loaded anew, which is also what happens while the origin fails.
/// An origin that fails several times in a row is not asked for a while; who cannot be served otherwise is told so.
///
/// Threads: the shard's.
/// Owns:    its share of the memory, its subscription, its loads. close() must have finished before it is destroyed.
/// Bounds:  each class's bytes_max; loads, waiters and every wait by NearOptions.
/// Errors:  overloaded; timeout; cancelled, at shutdown; unavailable, without asking; whatever the load says. Never one
///          of Redis.
class Near {
 public:
  explicit Near(std::unique_ptr<ShardCache> cache);
  ~Near();
  Near(Near &&) noexcept;
  Near(Near const &) = delete;
  Near &operator=(Near const &) = delete;

  void start();
  /// Loads in flight are given up; who waits for them is told.
  [[nodiscard]] asio::awaitable<void> close();

  /// What is at hand: a value, or null for one that is known not to exist. Empty: get() has to be asked. `load`, as in
  /// get(), is moved from only if the value should be loaded anew in the background.
  template <class V, class Load>
  [[nodiscard]] std::optional<std::shared_ptr<V const>> find(Class<V> const &cls, std::string_view key, Load &&load);

  /// The value, or null if there is none. `load` is called at most once, as a task of its own which outlives a caller
  /// that gives up; it returns awaitable<Result<Loaded<V>>> and refers to nothing that may not outlive the shard.
  template <class V, class Load>
  [[nodiscard]] asio::awaitable<Result<std::shared_ptr<V const>>> get(Class<V> const &cls, std::string key, Load load);

  /// After the commit of a change: nothing that has not seen it is served any more. Ends when that is so on all shards,
  /// and Redis and with it the other instances have been told or have not answered in time; then they are told later.
  /// Happens as a whole even if the caller is cancelled.
  template <class V>
  [[nodiscard]] asio::awaitable<void> invalidate(Class<V> const &cls, std::string key, Version version) {
    return invalidate_erased(cls.spec(), std::move(key), version);
  }

  /// Keeps a value that nobody has to load, here and in Redis, unless something newer is known. Where it takes the
  /// place of an older one, all shards and instances forget that, if Redis or this shard has held it; for those who
  /// hold an older one by themselves it ends with its ttl. So it is for values of which an older one is no mistake.
  template <class V>
  [[nodiscard]] asio::awaitable<void> put(Class<V> const &cls, std::string key, std::shared_ptr<V const> value,
                                          Version version) {
    return put_erased(cls.spec(), std::move(key), std::move(value), version);
  }

  /// A value that was served turned out to be unreadable: nobody in the process is served it again, and it is deleted
  /// from Redis if it lies there. Ends when Redis has done so or has not answered in time.
  template <class V>
  [[nodiscard]] asio::awaitable<void> discard(Class<V> const &cls, std::string key, std::shared_ptr<V const> value) {
    return discard_erased(cls.spec(), std::move(key), std::move(value));
  }

  /// Whether other processes share what is kept here, when Redis is there.
  [[nodiscard]] bool shared() const;
  /// Whether invalidations of other instances are being heard.
  [[nodiscard]] bool listening() const;

 private:
  using Value = std::shared_ptr<void const>;
  using Fetch = std::move_only_function<asio::awaitable<Result<Loaded<void>>>()>;
  struct Hit {
    Entry const *entry;  ///< Null: a miss. Valid until anything else is asked of the cache.
    bool refresh;
  };

  [[nodiscard]] Hit look(ClassSpec const &cls, std::string_view key);
  void refresh(ClassSpec const &cls, std::string_view key, Fetch fetch);
  [[nodiscard]] asio::awaitable<Result<Value>> miss(ClassSpec const &cls, std::string key, Fetch fetch);
  [[nodiscard]] asio::awaitable<void> invalidate_erased(ClassSpec const &cls, std::string key, Version version);
  [[nodiscard]] asio::awaitable<void> put_erased(ClassSpec const &cls, std::string key, Value value, Version version);
  [[nodiscard]] asio::awaitable<void> discard_erased(ClassSpec const &cls, std::string key, Value value);

  template <class V, class Load>
  static asio::awaitable<Result<Loaded<void>>> call(Load load) {
    Result<Loaded<V>> loaded = co_await load();
    if (!loaded) co_return std::unexpected(loaded.error());
    co_return Loaded<void>{std::move(loaded->value), loaded->version};
  }
  template <class V, class Load>
  static Fetch erase(Load load) {
    return [load = std::move(load)]() mutable { return call<V>(std::move(load)); };
  }

  std::unique_ptr<ShardCache> cache_;
};

/// The read cache of the process: a Near for each shard, and the loads in flight, which they share.
///
/// Threads: each Near on its shard; the rest by the owner.
/// Owns:    all of them. The shards and clients outlive it, and every Near is closed before it is destroyed.
class Nears {
 public:
  struct Seat {
    runtime::Shard &shard;
    redis::Client &client;  ///< A disabled one for a cache without Redis.
  };

  Nears(std::span<Seat const> seats, NearOptions options, metrics::CacheMetrics &metrics, metrics::RedisMetrics &redis);
  ~Nears();
  Nears(Nears const &) = delete;
  Nears &operator=(Nears const &) = delete;

  [[nodiscard]] std::size_t size() const { return nears_.size(); }
  /// In the order of the seats.
  [[nodiscard]] Near &operator[](std::size_t index) { return nears_[index]; }

 private:
  std::unique_ptr<Process> process_;
  std::vector<Near> nears_;
};

template <class V, class Load>
std::optional<std::shared_ptr<V const>> Near::find(Class<V> const &cls, std::string_view key, Load &&load) {
  Hit const hit = look(cls.spec(), key);
  if (hit.entry == nullptr) return std::nullopt;
  auto value = std::static_pointer_cast<V const>(hit.entry->value);
  if (hit.refresh) refresh(cls.spec(), key, erase<V, std::remove_cvref_t<Load>>(std::forward<Load>(load)));
  return value;
}

template <class V, class Load>
asio::awaitable<Result<std::shared_ptr<V const>>> Near::get(Class<V> const &cls, std::string key, Load load) {
  // Moved from only where it answers.
  if (auto hit = find(cls, key, std::move(load))) co_return std::move(*hit);
  auto value = co_await miss(cls.spec(), std::move(key), erase<V, Load>(std::move(load)));
  if (!value) co_return std::unexpected(value.error());
  co_return std::static_pointer_cast<V const>(std::move(*value));
}

}  // namespace tableforge::cache
