#include "tableforge/tuner/heavy_keys.hpp"

#include <algorithm>

namespace tableforge::tuner {

void HeavyKeys::offer(std::uint64_t hash) {
  if (auto const found = places_.find(hash); found != places_.end()) {
    counters_[found->second].count += 1;
    return;
  }
  if (counters_.size() < kCounters) {
    places_.emplace(hash, counters_.size());
    counters_.push_back({hash, 1});
    return;
  }
  auto const least = std::ranges::min_element(counters_, {}, &Counter::count);
  places_.erase(least->hash);
  places_.emplace(hash, static_cast<std::size_t>(least - counters_.begin()));
  *least = {hash, least->count + 1};
}

std::vector<std::uint64_t> HeavyKeys::take_top() {
  auto sorted = counters_;
  // By hash among equals, so that the same stream has the same top everywhere.
  std::ranges::sort(sorted, [](Counter const &a, Counter const &b) {
    return a.count != b.count ? a.count > b.count : a.hash < b.hash;
  });
  std::vector<std::uint64_t> top;
  for (std::size_t i = 0; i < std::min(kTop, sorted.size()); ++i) top.push_back(sorted[i].hash);
  for (Counter &counter : counters_) counter.count /= 2;
  return top;
}

}  // namespace tableforge::tuner
