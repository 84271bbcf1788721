#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "tableforge/cache/class.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/runtime/blocking_pool.hpp"
#include "tableforge/storage/connection_pool.hpp"

namespace tableforge::test {

/// A value that can be judged by itself: whose it is, which of its changes it has seen, when it was read, and whether
/// it is whole.
struct Thing {
  std::string key;
  std::uint64_t revision = 0;
  cache::Clock::time_point read_at{};  ///< Just before it was read in PostgreSQL.
  std::string body;
  std::uint64_t sum = 0;  ///< Of the four above.

  [[nodiscard]] bool whole() const;
};

/// Things in a table of PostgreSQL, as the origin of a cached class, and the class.
///
/// Every revision there ever was is kept in another table, by a trigger, so that what a cache served can be compared
/// with what the origin had at that revision.
///
/// Threads: any; what is awaited happens in a pool, the rest blocks.
/// Owns:    pool and sessions. Outlives the caches that load from it.
/// Errors:  of loads and changes: those of the pool and of PostgreSQL. What else fails throws.
class Things {
 public:
  struct Options {
    std::string database_url;
    unsigned threads = 4;                      ///< As many as `reader_threads` is by default.
    std::chrono::milliseconds read_takes{0};   ///< At least; PostgreSQL itself waits so long.
    std::chrono::milliseconds stale_slack{2};  ///< What a moment loses on its way through Redis.
  };

  explicit Things(Options options);
  ~Things();
  Things(Things const &) = delete;
  Things &operator=(Things const &) = delete;

  /// `count` things with bodies of so many characters, under the keys key(first) … of revision 1.
  void make(std::size_t first, std::size_t count, std::size_t body_bytes);
  static std::string key(std::size_t number);

  [[nodiscard]] boost::asio::awaitable<Result<cache::Loaded<Thing>>> load(std::string key);
  auto loader(std::string its_key) {
    return [this, its_key = std::move(its_key)] { return load(its_key); };
  }

  struct Change {
    std::uint64_t revision;
    cache::Version version;  ///< For the invalidation.
  };
  [[nodiscard]] boost::asio::awaitable<Result<Change>> change(std::string key);

  /// Anything else that is to happen on the threads that load.
  template <class F>
  [[nodiscard]] auto in_pool(F work) {
    return pool_.run(std::move(work), std::chrono::seconds(20));
  }

  /// How often PostgreSQL was asked for a thing, as seen from here.
  [[nodiscard]] std::uint64_t loads() const { return loads_; }

  /// What was served, by key and revision: a digest of the body.
  using Revisions = std::map<std::pair<std::string, std::uint64_t>, std::uint64_t>;
  /// Every revision that PostgreSQL ever had, asked of it now.
  [[nodiscard]] Revisions all_revisions();
  static void take(Revisions &served, Thing const &thing);

  [[nodiscard]] cache::Class<Thing> const &cls() const { return class_; }
  /// Of the class.
  [[nodiscard]] Knobs &knobs() { return knobs_; }
  [[nodiscard]] CacheKnobs &class_knobs() { return knobs_.cache_lobby_page; }

  /// Whether this was older than the class allows when it was asked for.
  [[nodiscard]] bool too_old(Thing const &thing, cache::Clock::time_point asked_at) const;

 private:
  Result<cache::Loaded<Thing>> read(std::string const &key);
  Result<Change> write(std::string const &key);
  static cache::Class<Thing>::Spec spec(Knobs const &knobs);

  Options const options_;
  Knobs knobs_;
  metrics::RuntimeMetrics runtime_metrics_;
  metrics::StorageMetrics storage_metrics_;
  std::atomic<std::uint64_t> loads_{0};
  cache::Class<Thing> class_;
  storage::ConnectionPool sessions_;
  runtime::BlockingPool pool_;
};

}  // namespace tableforge::test
