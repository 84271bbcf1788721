#include "performance/tuner/load.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tableforge::test {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::vector<double> popularity(LoadPhase const &phase) {
  std::vector<std::size_t> ranks(Load::kKeys);
  std::iota(ranks.begin(), ranks.end(), 1);
  std::mt19937_64 order(phase.hot);
  for (std::size_t i = ranks.size() - 1; i > 0; --i) std::swap(ranks[i], ranks[order() % (i + 1)]);
  std::vector<double> shares(Load::kKeys);
  std::ranges::transform(ranks, shares.begin(),
                         [&](std::size_t rank) { return std::pow(static_cast<double>(rank), -phase.exponent); });
  double const sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double &share : shares) share /= sum;
  return shares;
}

}  // namespace

double Scenario::hours() const {
  return std::accumulate(phases.begin(), phases.end(), 0.0,
                         [](double sum, auto const &phase) { return sum + phase.hours; });
}

std::size_t Scenario::keys() const {
  bool const scans = std::ranges::any_of(phases, [](auto const &phase) { return phase.scanned > 0; });
  return Load::kKeys + (scans ? Load::kScannedKeys : 0);
}

Load::Load(Scenario const &scenario, std::uint64_t seed)
    : phases_(scenario.phases), random_(seed), keys_(kKeys), keep_(kKeys), alias_(kKeys) {
  begin_phase();
}

void Load::begin_phase() {
  LoadPhase const &phase = phases_[phase_];
  phase_end_ = now_ + phase.hours * 3600;
  auto shares = popularity(phase);
  for (std::size_t i = 0; i < kKeys; ++i) {
    double const rate = phase.writes_per_s * (phase.writes_by_reads ? shares[i] : 1.0 / kKeys);
    keys_[i].mean_gap = rate > 0 ? 1 / rate : kNever;
    keys_[i].next_write = rate > 0 ? now_ + exponential(1 / rate) : kNever;
  }
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::size_t i = 0; i < kKeys; ++i) {
    shares[i] *= kKeys;
    (shares[i] < 1 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }
  keep_.assign(kKeys, 1);
  while (!small.empty() && !large.empty()) {
    auto const poor = small.back();
    auto const rich = large.back();
    small.pop_back();
    keep_[poor] = shares[poor];
    alias_[poor] = rich;
    shares[rich] -= 1 - shares[poor];
    if (shares[rich] >= 1) continue;
    large.pop_back();
    small.push_back(rich);
  }
}

double Load::exponential(double mean) { return -mean * std::log1p(-share()); }

bool Load::next(Read &read) {
  // Evenly in time, and each read of whatever key by chance: so the reads of one key come by chance.
  now_ += 1 / phases_[phase_].reads_per_s;
  if (now_ >= phase_end_) {
    if (++phase_ == phases_.size()) return false;
    begin_phase();
  }
  LoadPhase const &phase = phases_[phase_];
  if (phase.scanned > 0 && share() < phase.scanned) {
    read = {kKeys + scanned_++ % kScannedKeys, now_, -1, phase_};
    return true;
  }
  double const place = share() * kKeys;
  auto index = static_cast<std::size_t>(place);
  if (place - static_cast<double>(index) >= keep_[index]) index = alias_[index];
  Key &key = keys_[index];
  if (key.next_write <= now_) {
    // Of many writes since it was read last only the latest counts, and of that it is known how long ago it is.
    if (now_ - key.next_write > 50 * key.mean_gap) key.next_write = now_ - 50 * key.mean_gap;
    while (key.next_write <= now_) {
      key.last_write = key.next_write;
      key.next_write = key.mean_gap < kNever ? key.next_write + exponential(key.mean_gap) : kNever;
    }
  }
  read = {index, now_, key.last_write, phase_};
  if (phase.followed > 0 && share() < phase.followed) {
    key.next_write = std::min(key.next_write, now_ + exponential(phase.follows_after_s));
  }
  return true;
}

}  // namespace tableforge::test
