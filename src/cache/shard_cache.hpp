#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/cache/near.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/redis/subscriber.hpp"
#include "tableforge/runtime/scope.hpp"

#include "cache/auditor.hpp"
#include "cache/loads.hpp"
#include "cache/origin_guard.hpp"
#include "cache/remote.hpp"
#include "cache/shelves.hpp"

namespace tableforge::cache {

class ShardCache;

/// What the caches of all shards share.
struct Process {
  NearOptions const options;
  std::uint64_t const seed;    ///< Of the keys' hashes on all shards, random.
  std::string const instance;  ///< By which other instances know whom a message or lease is from.
  metrics::CacheMetrics &metrics;
  metrics::RedisMetrics &redis;
  Loads loads;
  std::atomic<std::uint64_t> gaps{0};  ///< How often a shard may have missed something.
  std::vector<ShardCache *> shards{};  ///< Complete before any of them starts.
};

/// Near without types: what happens on a miss, and what is heard from others.
///
/// Threads: the shard's, but for what is posted to it.
/// Owns:    see Near.
class ShardCache {
 public:
  using Value = std::shared_ptr<void const>;
  using Fetch = std::move_only_function<asio::awaitable<Result<Loaded<void>>>()>;

  ShardCache(Process &process, runtime::Shard &shard, redis::Client &client);
  ~ShardCache();

  void start();
  [[nodiscard]] asio::awaitable<void> close();

  [[nodiscard]] Shelves::Hit look(ClassSpec const &cls, std::string_view key);
  /// Loads anew in the background, unless that is happening already.
  void refresh(ClassSpec const &cls, std::string_view key, Fetch fetch);
  [[nodiscard]] asio::awaitable<Result<Value>> miss(ClassSpec const &cls, std::string key, Fetch fetch);
  [[nodiscard]] asio::awaitable<void> invalidate(ClassSpec const &cls, std::string key, Version version);

  [[nodiscard]] asio::awaitable<void> put(ClassSpec const &cls, std::string key, Value value, Version version);
  [[nodiscard]] asio::awaitable<void> discard(ClassSpec const &cls, std::string key, Value value);

  [[nodiscard]] bool shared() const { return remote_.enabled(); }
  [[nodiscard]] bool listening() const { return subscriber_.listening(); }

 private:
  /// The duty to end a load: whoever holds it last answers those who wait, if only that nothing came of it.
  class Duty;
  /// What the second level had to offer.
  struct Offer {
    bool reached = false;
    bool leased = false;                           // The load is ours.
    std::optional<Entry> fresh = std::nullopt;     // Kept here already.
    std::optional<Entry> bearable = std::nullopt;  // Past its ttl; for when the origin fails.
  };
  struct Acknowledged;
  struct Owed {
    ClassSpec const *cls;
    std::string key;
    Version version;
    bool operator==(Owed const &) const = default;
  };

  asio::awaitable<void> lead(Duty duty, Fetch fetch, std::optional<Clock::time_point> newer_than);
  asio::awaitable<Offer> ask_remote(Duty const &duty, std::optional<Clock::time_point> newer_than);
  /// Takes in what Redis holds, if it may be served at all.
  asio::awaitable<void> consider(Duty const &duty, Remote::Found found, std::optional<Clock::time_point> newer_than,
                                 Offer &offer);
  /// The origin's answer, or why it was not asked. With it, since when it may be that old, and what it cost.
  asio::awaitable<Result<Entry>> load(Duty const &duty, Fetch fetch);
  /// None for what Redis is not to hold.
  [[nodiscard]] std::optional<Record> record_of(ClassSpec const &cls, Entry const &entry) const;
  /// Redis knows of a change that this process has not heard of, or not yet.
  void learn(ClassSpec const &cls, std::string const &key, Version refused);
  asio::awaitable<void> fill_remote(ClassSpec const &cls, std::string key, Entry entry);

  /// `end` is only held, until all is done.
  asio::awaitable<void> carry_out(ClassSpec const &cls, std::string key, Version version, std::shared_ptr<void> end);
  /// Has every shard forget what is not newer; `then` runs here when all have.
  void forget_everywhere(CacheClass cls, std::string const &key, Version version, std::function<void()> then);
  void owe(Owed owed);
  void pop_owed();
  asio::awaitable<void> pay();

  void heard(std::string_view message);
  void may_have_missed();

  Process &process_;
  runtime::Shard &shard_;
  Shelves shelves_;
  Remote remote_;
  Auditor auditor_;
  std::vector<OriginGuard> guards_;  ///< For each class, in their order.
  redis::Subscriber subscriber_;
  std::deque<Owed> owed_;
  bool paying_ = false;
  log::Limited unwanted_{std::chrono::minutes(1)};
  runtime::Scope scope_;
};

}  // namespace tableforge::cache
