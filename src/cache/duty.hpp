#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cache/shard_cache.hpp"

namespace tableforge::cache {

/// Movable, and ends its load as given up when it is destroyed before it was done: a task that is cancelled, or never
/// begun because its scope has closed, leaves nobody waiting.
class ShardCache::Duty {
 public:
  Duty(ShardCache &its_cache, ClassSpec const &its_class, std::string its_key, std::shared_ptr<Loads::Load> its_load)
      : cache_(&its_cache), cls_(&its_class), key_(std::move(its_key)), load_(std::move(its_load)) {}
  ~Duty() {
    if (load_) done(fail(Errc::cancelled, "the load was given up"));
  }
  Duty(Duty &&) noexcept = default;
  Duty &operator=(Duty &&) = delete;

  [[nodiscard]] ClassSpec const &cls() const { return *cls_; }
  [[nodiscard]] std::string const &key() const { return key_; }
  [[nodiscard]] Loads::Load const &load() const { return *load_; }

  /// Answers all who wait, and has the value kept where they are. Whether it is worth keeping.
  bool done(Result<Entry> outcome);

 private:
  ShardCache *cache_;
  ClassSpec const *cls_;
  std::string key_;
  std::shared_ptr<Loads::Load> load_;  // Null once it is done, or moved on.
};

}  // namespace tableforge::cache
