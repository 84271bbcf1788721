#include "cache/loads.hpp"

#include <algorithm>
#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::cache {

/// Guarded by the lock of its name's stripe, but for the two that never change.
class Loads::Load {
 public:
  Load(std::string its_name, bool its_class_is_mutable) : name(std::move(its_name)), is_mutable(its_class_is_mutable) {}

  std::string const name;
  bool const is_mutable;
  std::vector<std::shared_ptr<Waiter>> waiters;
  std::optional<Version> floor;  // Newest invalidation; nothing up to it is kept.
  bool discard = false;          // Nothing is kept at all.

  [[nodiscard]] bool accepts(Version version) const { return !discard && (!floor || version > *floor); }
  void raise(Version version) { floor = std::max(floor.value_or(version), version); }
};

Loads::Loads(std::size_t loads_max, std::size_t waiters_max) : loads_max_(loads_max), waiters_max_(waiters_max) {}

std::string Loads::name_of(CacheClass cls, std::string_view key) {
  std::string name;
  name.reserve(key.size() + 1);
  name += static_cast<char>(cls);
  name += key;
  return name;
}

std::shared_ptr<Loads::Load> Loads::insert(Stripe &stripe, std::string const &name, ClassSpec const &cls) {
  if (loads_.fetch_add(1, std::memory_order_relaxed) >= loads_max_) {
    loads_.fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }
  auto load = std::make_shared<Load>(name, cls.is_mutable());
  stripe.loads.emplace(name, load);
  return load;
}

Result<Loads::Joined> Loads::join(ClassSpec const &cls, std::string_view key, runtime::Shard &shard) {
  std::string const name = name_of(cls.id, key);
  if (waiters_.fetch_add(1, std::memory_order_relaxed) >= waiters_max_) {
    waiters_.fetch_sub(1, std::memory_order_relaxed);
    return fail(Errc::overloaded, "too many wait for the cache to load");
  }
  auto waiter = std::make_shared<Waiter>(shard);
  return stripe_of(name).with([&](Stripe &stripe) -> Result<Joined> {
    auto const found = stripe.loads.find(name);
    bool const leads = found == stripe.loads.end();
    auto load = leads ? insert(stripe, name, cls) : found->second;
    if (!load) {
      waiters_.fetch_sub(1, std::memory_order_relaxed);
      return fail(Errc::overloaded, "too many loads of the cache are in flight");
    }
    load->waiters.push_back(waiter);
    return Joined{std::move(load), waiter, leads};
  });
}

std::shared_ptr<Loads::Load> Loads::begin(ClassSpec const &cls, std::string_view key) {
  std::string const name = name_of(cls.id, key);
  return stripe_of(name).with([&](Stripe &stripe) -> std::shared_ptr<Load> {
    return stripe.loads.contains(name) ? nullptr : insert(stripe, name, cls);
  });
}

bool Loads::accepts(Load const &load, Version version) {
  return stripe_of(load.name).with([&](Stripe &) { return load.accepts(version); });
}

Loads::Finished Loads::finish(Load &load, std::optional<Version> version) {
  auto finished = stripe_of(load.name).with([&](Stripe &stripe) -> Finished {
    auto const found = stripe.loads.find(load.name);
    if (found != stripe.loads.end() && found->second.get() == &load) stripe.loads.erase(found);
    return {std::exchange(load.waiters, {}), version && load.accepts(*version)};
  });
  loads_.fetch_sub(1, std::memory_order_relaxed);
  waiters_.fetch_sub(finished.waiters.size(), std::memory_order_relaxed);
  return finished;
}

void Loads::detach(CacheClass cls, std::string_view key, Version version) {
  std::string const name = name_of(cls, key);
  Invalidation const heard{Hash{}(name), version};
  stripe_of(name).with([&](Stripe &stripe) {
    auto const found = stripe.loads.find(name);
    if (found != stripe.loads.end()) found->second->raise(version);
    if (std::ranges::find(stripe.recent, heard) != stripe.recent.end()) return;
    stripe.recent[stripe.next_recent++ % kRecentInvalidations] = heard;
    if (found != stripe.loads.end()) stripe.loads.erase(found);
  });
}

void Loads::raise(CacheClass cls, std::string_view key, Version version) {
  std::string const name = name_of(cls, key);
  stripe_of(name).with([&](Stripe &stripe) {
    auto const found = stripe.loads.find(name);
    if (found != stripe.loads.end()) found->second->raise(version);
  });
}

void Loads::detach_mutable() {
  for (auto &guarded : stripes_) {
    guarded.with([](Stripe &stripe) {
      std::erase_if(stripe.loads, [](auto const &named) {
        if (named.second->is_mutable) named.second->discard = true;
        return named.second->is_mutable;
      });
    });
  }
}

}  // namespace tableforge::cache
