#include "tableforge/tuner/ttl_shadow.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tableforge::tuner {

namespace {

/// Of a key that is in no cache.
constexpr TtlShadow::Moment kNever = TtlShadow::Moment::min() / 2;
/// How near to an end of the grid the lifetime in force may come.
constexpr std::size_t kEdge = 3;

}  // namespace

TtlShadow::TtlShadow(std::chrono::microseconds middle, std::chrono::microseconds epoch) : epoch_(epoch) {
  for (std::size_t place = 0; place < kPlaces; ++place) {
    double const factor = std::exp2((static_cast<double>(place) - static_cast<double>(kMiddle)) / 2);
    ttls_[place] = Moment(std::llround(static_cast<double>(middle.count()) * factor));
  }
}

double TtlShadow::seconds_of(std::size_t place) const { return std::chrono::duration<double>(ttls_[place]).count(); }

bool TtlShadow::follow(std::chrono::microseconds ttl) {
  if (ttl >= ttls_[kEdge] && ttl <= ttls_[kPlaces - 1 - kEdge]) return false;
  double const off = 2 * std::log2(static_cast<double>(ttl.count()) / static_cast<double>(ttls_[kMiddle].count()));
  auto const shift = static_cast<std::ptrdiff_t>(std::lround(off));
  auto const moved = [&](std::size_t place) {
    return std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(place) + shift, 0, kPlaces - 1);
  };
  TtlShadow const grid(
      Moment(std::llround(static_cast<double>(ttls_[kMiddle].count()) * std::exp2(static_cast<double>(shift) / 2))));
  ttls_ = grid.ttls_;
  for (auto &[hash, key] : keys_) {
    auto const before = key.filled;
    // Beyond the old grid the nearest of its fills stands in, until the key is filled there.
    for (std::size_t place = 0; place < kPlaces; ++place) {
      key.filled[place] = before[static_cast<std::size_t>(moved(place))];
    }
  }
  forget_evidence();
  return true;
}

void TtlShadow::forget_evidence() {
  epochs_.fill({});
  newest_ = -1;
}

TtlShadow::Epoch &TtlShadow::epoch_at(Moment now) {
  auto const number = now / epoch_;
  newest_ = std::max(newest_, number);
  auto &epoch = epochs_[static_cast<std::size_t>(number) % epochs_.size()];
  if (epoch.number != number) {
    epoch = {};
    epoch.number = number;
  }
  return epoch;
}

void TtlShadow::read(std::uint64_t hash, Moment now, StalenessCurve const &curve) {
  auto found = keys_.find(hash);
  if (found == keys_.end()) {
    bool const heavy = std::ranges::find(heavy_, hash) != heavy_.end();
    if (!heavy && !is_sampled(hash)) return;
    if (keys_.size() >= kKeysMax) {
      thin_out(now);
      if (!heavy && !is_sampled(hash)) return;
    }
    Key key{.filled = {}, .heavy = heavy};
    key.filled.fill(kNever);
    found = keys_.emplace(hash, key).first;
  }
  Key &key = found->second;
  double const weight = key.heavy ? 1 : static_cast<double>(mask_ + 1);
  Epoch &epoch = epoch_at(now);
  epoch.reads += weight;
  epoch.samples += 1;
  Moment last_filled = kNever;
  double probability = 0;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    auto const age = now - key.filled[place];
    if (age >= ttls_[place]) {
      key.filled[place] = now;
      epoch.misses[place] += weight;
      continue;
    }
    // Many lifetimes share a fill, so the curve is asked once for each.
    if (key.filled[place] != last_filled) {
      last_filled = key.filled[place];
      probability = curve.probability(age);
    }
    epoch.stale[place] += weight * probability;
  }
}

void TtlShadow::invalidate(std::uint64_t hash, Moment) {
  auto const found = keys_.find(hash);
  if (found != keys_.end()) found->second.filled.fill(kNever);
}

void TtlShadow::set_heavy(std::span<std::uint64_t const> hashes) {
  heavy_.assign(hashes.begin(), hashes.end());
  for (auto &[hash, key] : keys_) key.heavy = false;
  for (std::uint64_t const hash : heavy_) {
    if (auto const found = keys_.find(hash); found != keys_.end()) found->second.heavy = true;
  }
  // What was known of a key for its heat alone would stand for itself only, and is not one of the sample.
  std::erase_if(keys_, [&](auto const &each) { return !each.second.heavy && !is_sampled(each.first); });
}

void TtlShadow::thin_out(Moment now) {
  // First whoever would be filled anew under every lifetime: nothing is known of them.
  std::erase_if(keys_, [&](auto const &each) { return now - std::ranges::max(each.second.filled) >= ttls_.back(); });
  if (keys_.size() <= kKeysMax * 3 / 4) return;
  mask_ = mask_ * 2 + 1;
  std::erase_if(keys_, [&](auto const &each) { return !each.second.heavy && !is_sampled(each.first); });
}

TtlEvidence TtlShadow::evidence() const {
  TtlEvidence evidence;
  for (std::size_t place = 0; place < kPlaces; ++place) evidence.seconds[place] = seconds_of(place);
  for (auto number = newest_ - static_cast<std::int64_t>(kEpochs); number < newest_; ++number) {
    if (number < 0) continue;
    auto const &epoch = epochs_[static_cast<std::size_t>(number) % epochs_.size()];
    if (epoch.number != number || epoch.reads <= 0) continue;
    auto &counts = evidence.epochs[number];
    for (std::size_t place = 0; place < kPlaces; ++place) {
      counts[place] = {epoch.reads, epoch.misses[place], epoch.stale[place]};
    }
    evidence.samples += epoch.samples;
  }
  for (auto const &[hash, key] : keys_) evidence.keys += key.heavy ? 1 : static_cast<double>(mask_ + 1);
  return evidence;
}

}  // namespace tableforge::tuner
