#include "tableforge/tuner/miss_ratio_curve.hpp"

#include <algorithm>
#include <cmath>

namespace tableforge::tuner {

namespace {

constexpr std::uint64_t kThresholdMax = std::uint64_t{1} << 56;
/// Places for twice the keys: every key's latest read, and as many that are no longer the latest.
constexpr std::size_t kTreePlaces = 2 * MissRatioCurve::kKeysMax;

}  // namespace

MissRatioCurve::MissRatioCurve(double rate) : rate_(rate), threshold_(kThresholdMax), tree_(kTreePlaces + 1) {}

double MissRatioCurve::rate() const {
  return rate_ * static_cast<double>(threshold_) / static_cast<double>(kThresholdMax);
}

void MissRatioCurve::read(std::uint64_t hash, std::size_t bytes) {
  if (threshold_part(hash) >= threshold_) return;
  if (next_place_ == kTreePlaces) compact();
  sampled_ += 1;
  auto const found = keys_.find(hash);
  if (found == keys_.end()) {
    cold_ += 1;
    keys_.emplace(hash, Key{next_place_, bytes});
    by_threshold_.emplace(threshold_part(hash), hash);
  } else {
    // With itself, for it has to fit too.
    double const distance = (bytes_behind(found->second.place) + static_cast<double>(bytes)) / rate();
    auto const bucket = static_cast<std::size_t>(std::log2(std::max(distance, 1.0)) * kPerDoubling);
    distances_[std::min(bucket, kBuckets - 1)] += 1;
    place_add(found->second.place, -static_cast<double>(found->second.bytes));
    found->second = {next_place_, bytes};
  }
  place_add(next_place_++, static_cast<double>(bytes));
  if (keys_.size() > kKeysMax) lower_threshold();
}

/// Of the keys that were read later than what is at `place`.
double MissRatioCurve::bytes_behind(std::size_t place) const {
  double before = 0;
  for (std::size_t i = place + 1; i > 0; i -= i & (~i + 1)) before += tree_[i];
  return bytes_ - before;
}

void MissRatioCurve::place_add(std::size_t place, double bytes) {
  bytes_ += bytes;
  for (std::size_t i = place + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += bytes;
}

void MissRatioCurve::compact() {
  std::vector<Key *> order;
  order.reserve(keys_.size());
  for (auto &[hash, key] : keys_) order.push_back(&key);
  std::ranges::sort(order, {}, &Key::place);
  std::ranges::fill(tree_, 0);
  bytes_ = 0;
  next_place_ = 0;
  for (Key *const key : order) {
    key->place = next_place_;
    place_add(next_place_++, static_cast<double>(key->bytes));
  }
}

void MissRatioCurve::lower_threshold() {
  auto const before = threshold_;
  threshold_ = by_threshold_.top().first;
  while (!by_threshold_.empty() && by_threshold_.top().first >= threshold_) {
    auto const found = keys_.find(by_threshold_.top().second);
    place_add(found->second.place, -static_cast<double>(found->second.bytes));
    keys_.erase(found);
    by_threshold_.pop();
  }
  // What was counted at the higher rate would weigh more than what is counted now.
  double const scale = static_cast<double>(threshold_) / static_cast<double>(before);
  for (double &count : distances_) count *= scale;
  cold_ *= scale;
  sampled_ *= scale;
}

double MissRatioCurve::miss_ratio(double bytes) const {
  double const expected = expected_ * static_cast<double>(threshold_) / static_cast<double>(kThresholdMax);
  double const total = expected > 0 ? expected : sampled_;
  if (total <= 0) return 1;
  // Reads that the sample lacks, or has too many of, are those of hot keys, whose distances are the shortest.
  double hits = total - sampled_;
  double const at = bytes > 1 ? std::log2(bytes) * kPerDoubling : 0;
  auto const whole = std::min(static_cast<std::size_t>(at), kBuckets);
  for (std::size_t i = 0; i < whole; ++i) hits += distances_[i];
  if (whole < kBuckets) hits += distances_[whole] * (at - static_cast<double>(whole));
  return std::clamp(1 - hits / total, 0.0, 1.0);
}

void MissRatioCurve::fade() {
  for (double &count : distances_) count /= 2;
  cold_ /= 2;
  sampled_ /= 2;
  expected_ /= 2;
}

}  // namespace tableforge::tuner
