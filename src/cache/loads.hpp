#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "tableforge/base/guarded.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/cache/class.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::cache {

/// Somebody on some shard who waits for a load. Everything in it is touched on its own shard only.
struct Waiter {
  explicit Waiter(runtime::Shard &its_shard) : shard(its_shard), timer(its_shard.executor()) {}

  runtime::Shard &shard;
  boost::asio::steady_timer timer;  ///< Cancelled when there is an outcome.
  std::optional<Result<Entry>> outcome{};
};

/// The loads in flight of the whole process, so that there is one for each key.
///
/// An invalidation detaches the load it finds: those who wait already get its value, which they asked for before the
/// change was told, and whoever asks later begins a new one. What an invalidation's version makes doubtful is not kept.
///
/// Threads: any. Touched on misses only; each call holds one of kStripes locks for a look-up.
/// Owns:    the loads' entries; the work is done by a task of the shard that leads.
/// Bounds:  `loads_max` loads and `waiters_max` waiters at a time, counted until their load ends even if they give up.
/// Errors:  overloaded.
class Loads {
 public:
  class Load;

  struct Joined {
    std::shared_ptr<Load> load;
    std::shared_ptr<Waiter> waiter;
    bool leads;  ///< The caller must begin the work, and finish() it in any case.
  };
  struct Finished {
    std::vector<std::shared_ptr<Waiter>> waiters;
    bool keep;  ///< Whether the value may be remembered.
  };

  Loads(std::size_t loads_max, std::size_t waiters_max);

  /// Waits for the load of this key, a new one if there is none.
  [[nodiscard]] Result<Joined> join(ClassSpec const &cls, std::string_view key, runtime::Shard &shard);
  /// A load that nobody waits for yet. Null if there is one already, or no room.
  [[nodiscard]] std::shared_ptr<Load> begin(ClassSpec const &cls, std::string_view key);
  /// Whether a value of this version would be kept.
  [[nodiscard]] bool accepts(Load const &load, Version version);
  /// Ends a load. Without a version it has no value.
  [[nodiscard]] Finished finish(Load &load, std::optional<Version> version);

  /// An invalidation, when it is first heard of. The same one again only raises.
  void detach(CacheClass cls, std::string_view key, Version version);
  /// Has the load in flight, which began after detach(), not believe anything up to this version.
  void raise(CacheClass cls, std::string_view key, Version version);
  /// Detaches all loads of mutable classes, and has none of their values kept: invalidations may have been missed.
  void detach_mutable();

  [[nodiscard]] std::size_t in_flight() const { return loads_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kStripes = 16;
  /// Every shard hears of an invalidation by itself; this is how many may come in between.
  static constexpr std::size_t kRecentInvalidations = 64;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Invalidation {
    std::size_t hash = 0;
    Version version = 0;
    bool operator==(Invalidation const &) const = default;
  };
  struct Stripe {
    std::unordered_map<std::string, std::shared_ptr<Load>, Hash, std::equal_to<>> loads;
    std::array<Invalidation, kRecentInvalidations> recent{};
    std::size_t next_recent = 0;
  };

  /// Class and key as one text, which is what the maps know a value by.
  static std::string name_of(CacheClass cls, std::string_view key);
  Guarded<Stripe> &stripe_of(std::string_view name) { return stripes_[Hash{}(name) % kStripes]; }
  std::shared_ptr<Load> insert(Stripe &stripe, std::string const &name, ClassSpec const &cls);

  std::size_t const loads_max_;
  std::size_t const waiters_max_;
  std::atomic<std::size_t> loads_{0};
  std::atomic<std::size_t> waiters_{0};
  std::array<Guarded<Stripe>, kStripes> stripes_;
};

}  // namespace tableforge::cache
