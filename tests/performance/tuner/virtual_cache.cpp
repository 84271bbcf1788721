#include "performance/tuner/virtual_cache.hpp"

#include <chrono>
#include <cmath>
#include <limits>

namespace tableforge::test {

namespace {

using tuner::Side;

constexpr double kNeverFilled = -1e18;

std::chrono::microseconds micros(double seconds) { return std::chrono::microseconds(std::llround(seconds * 1e6)); }

}  // namespace

VirtualCache::VirtualCache(double ttl_s, std::uint64_t seed, std::size_t keys, double ttl_max_s)
    : filled_(keys, kNeverFilled),
      hashes_(keys),
      ttl_s_(ttl_s),
      boot_ttl_s_(ttl_s),
      ttl_max_s_(ttl_max_s),
      sampler_(micros(ttl_s), seed * 2 + 1),
      random_(seed ^ 0x5eed) {
  for (std::uint64_t &hash : hashes_) hash = random_();
  std::normal_distribution<double> normal(0, 0.4);
  for (double &noise : load_noise_) noise = std::exp(normal(random_) - 0.08);  // Of mean 1.
}

void VirtualCache::read(Load::Read const &read) {
  auto const hash = hashes_[read.key];
  auto const side = exposure_.side_of(hash);
  double const age = read.at - filled_[read.key];
  double const ttl = side == Side::treated && exposure_.armed ? tried_s_ : ttl_s_;
  auto &counted = sides_[static_cast<std::size_t>(side)];
  counted.reads += 1;
  truth_.reads += 1;
  if (sampler_.wants(hash)) sampler_.looked(hash, micros(read.at), 0);
  if (age >= ttl) {
    double const db_ms = costs_.load_db_ms * load_noise_[random_() % load_noise_.size()] * std::exp(wander_);
    filled_[read.key] = read.at;
    counted.db_ms += db_ms;
    counted.cpu_ms += costs_.load_cpu_ms;
    counted.loads.record(std::chrono::nanoseconds(std::llround(db_ms * 1e6)));
    truth_.misses += 1;
    return;
  }
  counted.cpu_ms += costs_.hit_cpu_ms;
  counted.hits[tuner::AgeGrid::place_of(micros(age))] += 1;
  bool const stale = read.last_write > filled_[read.key];
  truth_.stale += stale ? 1 : 0;
  if (random_() % kComparedEvery == 0) sampler_.compared(micros(age), stale);
}

void VirtualCache::roll() {
  sampler_.roll(truth_.reads - rolled_.reads, micros(ttl_s_));
  audits_ = sampler_.audits();
  before_ = rolled_;
  rolled_ = truth_;
  // An autoregression whose deviation is 5 %.
  std::normal_distribution<double> step(0, 0.05 * std::sqrt(1 - 0.8 * 0.8));
  wander_ = 0.8 * wander_ + step(random_);
}

double VirtualCache::hit_share_lately() const {
  double const reads = rolled_.reads - before_.reads;
  return reads > 0 ? 1 - (rolled_.misses - before_.misses) / reads : 0;
}

tuner::KnobValue VirtualCache::ttl() const {
  return {"cache_page_ttl_ms", std::round(ttl_s_ * 1000), std::round(boot_ttl_s_ * 1000), 50, ttl_max_s_ * 1000};
}

void VirtualCache::expose_ttl(double ttl_ms, tuner::Exposure const &exposure) {
  tried_s_ = ttl_ms / 1000;
  exposure_ = exposure;
}

void VirtualCache::set_ttl(double ttl_ms) {
  ttl_s_ = ttl_ms / 1000;
  exposure_ = {};
}

tuner::CachedClass::Counts VirtualCache::counts(Side side) const {
  auto const &counted = sides_[static_cast<std::size_t>(side)];
  return {.reads = counted.reads,
          .cpu_ms = counted.cpu_ms,
          .db_ms = counted.db_ms,
          .hits = counted.hits,
          .loads = counted.loads.snapshot()};
}

void VirtualCache::begin(Time now) {
  begun_ = now;
  begun_db_ms_ = sides_[0].db_ms + sides_[1].db_ms + sides_[2].db_ms;
}

tuner::Vitals VirtualCache::end(Time now) {
  // Answers wait for a database of two cores as in a queue of one kind of customer.
  double const seconds = std::chrono::duration<double>(now - begun_).count();
  double const used = (sides_[0].db_ms + sides_[1].db_ms + sides_[2].db_ms - begun_db_ms_) / 1000 / seconds / 2;
  return {.p99_ms = 5 / (1 - std::min(used, 0.95)), .error_share = 0, .rss_bytes = 5e8};
}

}  // namespace tableforge::test
