#include "cache/duty.hpp"

#include <algorithm>
#include <utility>

namespace tableforge::cache {

namespace {

void answer(Waiter &waiter, Result<Entry> const &outcome) {
  waiter.outcome = outcome;
  waiter.timer.cancel();
}

}  // namespace

bool ShardCache::Duty::done(Result<Entry> outcome) {
  auto const load = std::exchange(load_, nullptr);
  Process &process = cache_->process_;
  // Taken before the load ends: whoever may have missed something from here on does not keep it.
  auto const gaps = process.gaps.load();
  auto [waiters, keep] = process.loads.finish(*load, outcome ? std::optional<Version>(outcome->version) : std::nullopt);
  if (outcome && !keep) process.metrics.refused_fills.at(cls_->id, metrics::CacheLevel::l1).add();
  if (keep) cache_->shelves_.keep(*cls_, key_, *outcome);
  // One message for each shard, however many wait there.
  for (ShardCache *const home : process.shards) {
    auto const others = std::partition(waiters.begin(), waiters.end(),
                                       [&](auto const &waiter) { return &waiter->shard != &home->shard_; });
    if (others == waiters.end()) continue;
    std::vector<std::shared_ptr<Waiter>> here(others, waiters.end());
    waiters.erase(others, waiters.end());
    if (home == cache_) {
      for (auto const &waiter : here) answer(*waiter, outcome);
      continue;
    }
    home->shard_.post([home, here = std::move(here), outcome, keep, gaps, cls = cls_, key = key_] {
      bool const heard_all = !cls->is_mutable() || home->process_.gaps.load() == gaps;
      if (keep && heard_all) home->shelves_.keep(*cls, key, *outcome);
      for (auto const &waiter : here) answer(*waiter, outcome);
    });
  }
  return keep;
}

}  // namespace tableforge::cache
