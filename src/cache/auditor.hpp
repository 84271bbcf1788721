#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "tableforge/cache/class.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/runtime/scope.hpp"

#include "cache/freshness.hpp"

namespace tableforge::cache {

/// Compares a sample of what was served with the origin, while whoever was served has long gone on.
///
/// One value in `audit_every` of its class is taken, by chance, so that no rhythm of requests can hide from it. The
/// origin says for how long it has had a change that the value has not seen, by its own record of when that was
/// committed; so this also finds what a cache that is wrong about its values' ages cannot know.
///
/// Threads: the shard's.
/// Owns:    nothing; its tasks belong to the scope.
/// Bounds:  kAuditsMax at a time; what comes meanwhile is skipped.
/// Errors:  none; an origin that does not answer is a sample that was skipped.
class Auditor {
 public:
  static constexpr long kAuditsMax = 4;

  /// Told of each value that was compared: how old it was when it was served, and whether it was stale then.
  using Compared = std::function<void(ClassSpec const &cls, Clock::duration age, bool stale)>;

  Auditor(runtime::Scope &scope, metrics::CacheMetrics &metrics, std::function<Clock::time_point()> const &now,
          std::uint64_t seed, Compared compared)
      : scope_(scope), metrics_(metrics), now_(now), draws_(seed), compared_(std::move(compared)) {}

  /// A hit of any kind. `bound` is called for how old a value like this may be.
  template <class Bound>
  void served(ClassSpec const &cls, std::string_view key, Entry const &entry, Bound bound) {
    if (!cls.unseen) return;
    std::size_t const every = cls.knobs.audit_every.get();
    if (every == 0 || draws_() * static_cast<double>(every) > 1) return;
    take(cls, key, entry, bound(entry, cls));
  }

 private:
  struct Served {
    ClassSpec const &cls;
    std::string key;
    Entry entry;
    Clock::time_point at;
    Clock::duration bound;
    std::shared_ptr<void> slot;
  };

  void take(ClassSpec const &cls, std::string_view key, Entry const &entry, Clock::duration bound);
  asio::awaitable<void> audit(Served served);

  runtime::Scope &scope_;
  metrics::CacheMetrics &metrics_;
  std::function<Clock::time_point()> const &now_;
  Draws draws_;
  Compared const compared_;
  std::shared_ptr<void> const slots_ = std::make_shared<int>();  // Each audit holds it, however it ends.
  log::Limited beyond_{std::chrono::minutes(1)};
};

}  // namespace tableforge::cache
