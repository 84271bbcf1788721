#pragma once

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include "tableforge/cache/near.hpp"
#include "tableforge/redis/client.hpp"
#include "tableforge/runtime/shards.hpp"

namespace tableforge::test {

/// The cache of one instance as `serve` has it: shards on threads of their own, each with a connection to the private
/// Redis and its Near. Two of these share one Redis as two servers do.
///
/// Threads: the owner's, which is none of the shards'.
/// Owns:    threads, connections and caches; closes them in order.
/// Errors:  a Redis that does not come throws.
class CacheInstance {
 public:
  struct Options {
    unsigned shards = 1;
    /// What another namespace holds is not seen.
    std::string name_space = "tableforge";
    cache::NearOptions near = {};
  };

  explicit CacheInstance(Options options);
  ~CacheInstance();
  CacheInstance(CacheInstance const &) = delete;
  CacheInstance &operator=(CacheInstance const &) = delete;

  [[nodiscard]] std::size_t size() const { return shards_.size(); }
  [[nodiscard]] cache::Near &near(std::size_t shard) { return (*nears_)[shard]; }
  [[nodiscard]] redis::Client &client(std::size_t shard) { return *clients_[shard]; }
  [[nodiscard]] runtime::Shard &shard(std::size_t shard) { return shards_[shard]; }
  [[nodiscard]] metrics::CacheMetrics &metrics() { return metrics_; }

  /// Starts a task on a shard. What it throws comes out of the future.
  std::future<void> begin(std::size_t shard, boost::asio::awaitable<void> task);
  /// The same, and waits for its end.
  void run(std::size_t shard, boost::asio::awaitable<void> task) { begin(shard, std::move(task)).get(); }
  /// Until the shards have told the metrics of all that was run: they do it when their turn ends.
  void settle();

 private:
  metrics::RuntimeMetrics runtime_metrics_;
  metrics::RedisMetrics redis_metrics_;
  metrics::CacheMetrics metrics_;
  runtime::Shards shards_;
  std::vector<std::unique_ptr<redis::Client>> clients_;
  std::optional<cache::Nears> nears_;
};

/// A name that nothing before has used in Redis.
std::string fresh_name_space();

}  // namespace tableforge::test
