#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/cache/class.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/redis/client.hpp"

#include "cache/record.hpp"

namespace tableforge::cache {

namespace asio = boost::asio;

/// L2: entries in Redis, shared by all instances of a deployment.
///
/// An entry lies under `namespace:class:key`, where a key without a hash tag becomes one as a whole, so that an entry
/// and its lease always share a node. Every change of an entry is a script, in which Redis itself compares versions:
/// a fill never replaces anything newer, and a tombstone refuses whatever its invalidation makes doubtful.
///
/// Threads: the shard's.
/// Bounds:  `limit` for each command, twice that where Redis does not know a script yet.
/// Errors:  never told in detail, because every caller has the same other way: none is found, nothing was done. Each is
///          counted by its kind, and what Redis or its content has to answer for is logged, once a minute.
class Remote {
 public:
  using Duration = std::chrono::steady_clock::duration;

  struct Options {
    std::string name_space = "tableforge";
    /// A slow Redis is worth less than the database behind it.
    Duration limit = std::chrono::milliseconds(10);
    std::size_t compress_from_bytes = 1'024;
    /// How long others hold back for one that loads. It ends by itself if that one died.
    Duration lease = std::chrono::seconds(2);
    /// How long fills that were read before an invalidation are refused; longer than any such fill can be on its way.
    Duration tombstone_ttl = std::chrono::seconds(30);
  };

  Remote(redis::Client &client, Options options, std::string instance, metrics::CacheMetrics &metrics);

  /// Whether there is any use in asking.
  [[nodiscard]] bool enabled() const;

  struct Found {
    bool reached = false;                         ///< Redis answered.
    std::optional<Record> record = std::nullopt;  ///< A value or a negative one.
    std::string head{};                           ///< Of the record, as it lies there.
  };
  [[nodiscard]] asio::awaitable<Found> get(ClassSpec const &cls, std::string key);

  enum class Lease : std::uint8_t { ours, taken, unreachable };
  [[nodiscard]] asio::awaitable<Lease> lease(ClassSpec const &cls, std::string key);
  /// Gives a lease of ours back without a value.
  [[nodiscard]] asio::awaitable<void> release(ClassSpec const &cls, std::string key);

  /// Stores unless something newer is there, and gives back a lease of ours. What refused it is the answer: nothing up
  /// to that version should be served from anywhere.
  [[nodiscard]] asio::awaitable<std::optional<Version>> fill(ClassSpec const &cls, std::string key, Record record,
                                                             Duration ttl);

  struct Stored {
    std::optional<Version> refused = std::nullopt;  ///< As fill() answers.
    bool replaced = false;                          ///< Something older lay there, and all instances were told.
  };
  /// Stores unless something newer is there. Others are told only if they may hold what it takes the place of.
  [[nodiscard]] asio::awaitable<Stored> put(ClassSpec const &cls, std::string key, Record record, Duration ttl);

  /// Leaves a tombstone and tells all instances, in one step. False if Redis did not do it, or may not have.
  [[nodiscard]] asio::awaitable<bool> invalidate(ClassSpec const &cls, std::string key, Version version);

  /// Deletes what a class could not read although it arrived whole; `head` is as it was found.
  [[nodiscard]] asio::awaitable<void> discard(ClassSpec const &cls, std::string key, std::string head);
  /// The same for what was only found to be unreadable later, if it still lies there.
  [[nodiscard]] asio::awaitable<void> discard_payload(ClassSpec const &cls, std::string key, std::string payload);

  [[nodiscard]] std::string const &channel() const { return channel_; }
  [[nodiscard]] std::string const &instance() const { return instance_; }

 private:
  /// What refused a fill, from its head.
  static std::optional<Version> refusal_in(redis::Reply const &reply);
  [[nodiscard]] std::string name_of(ClassSpec const &cls, std::string_view key) const;
  /// Deletes an entry if it still begins with these bytes, or is none.
  asio::awaitable<void> remove(std::string name, std::string head);
  /// Counts and logs what went wrong. Whether anything did.
  bool trouble(Result<redis::Reply> const &reply);
  void garbage(ClassSpec const &cls, std::string_view key);

  redis::Client &client_;
  Options const options_;
  std::string const instance_;  // Also the token of all our leases: only one load of a key is in flight here.
  std::string const channel_;
  metrics::CacheMetrics &metrics_;
  log::Limited refusals_{std::chrono::minutes(1)};
  log::Limited garbage_{std::chrono::minutes(1)};
};

}  // namespace tableforge::cache
