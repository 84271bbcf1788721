#include "tableforge/tuner/cache_sampler.hpp"

namespace tableforge::tuner {

void CacheSampler::looked(std::uint64_t hash, Moment now, std::size_t bytes) {
  if (filter_.take_turn()) heavy_.offer(hash);
  shadow_.read(hash, now, curve_);
  if (bytes > 0 && metrics::AccessFilter::is_sampled(hash)) sizes_.read(hash, bytes);
}

void CacheSampler::compared(std::chrono::microseconds age, bool stale) {
  if (auto const expected = curve_.expectation(age)) {
    audits_ += {stale ? 1.0 : 0.0, expected->most, expected->least};
  }
  curve_.add(age, stale);
}

void CacheSampler::forget() {
  curve_ = {};
  shadow_.forget_evidence();
}

void CacheSampler::roll(double reads, std::chrono::microseconds ttl) {
  auto const top = heavy_.take_top();
  filter_.set_hot(top);
  shadow_.set_heavy(top);
  shadow_.follow(ttl);
  sizes_.count_reads(reads);
  if (++rolled_ % kFadeEvery != 0) return;
  curve_.fade();
  sizes_.fade();
}

}  // namespace tableforge::tuner
