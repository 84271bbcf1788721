#include "tableforge/tuner/staleness_curve.hpp"

#include <algorithm>
#include <cmath>

namespace tableforge::tuner {

void StalenessCurve::add(std::chrono::microseconds age, bool stale) {
  auto const place = AgeGrid::place_of(age);
  seen_[place] += 1;
  stale_[place] += stale ? 1 : 0;
  compared_ += 1;
  found_stale_ += stale ? 1 : 0;
  fitted_ = false;
}

void StalenessCurve::fade() {
  for (double &value : seen_) value /= 2;
  for (double &value : stale_) value /= 2;
  compared_ /= 2;
  found_stale_ /= 2;
  fitted_ = false;
}

void StalenessCurve::merge(StalenessCurve const &other) {
  for (std::size_t place = 0; place < AgeGrid::kPlaces; ++place) {
    seen_[place] += other.seen_[place];
    stale_[place] += other.stale_[place];
  }
  compared_ += other.compared_;
  found_stale_ += other.found_stale_;
  fitted_ = false;
}

double StalenessCurve::expected_stale(std::span<double const, AgeGrid::kPlaces> hits) const {
  if (!fitted_) refit();
  double sum = 0;
  for (std::size_t place = 0; place < hits.size(); ++place) sum += hits[place] * by_place_[place];
  return sum;
}

std::optional<StalenessCurve::Expectation> StalenessCurve::expectation(std::chrono::microseconds age) const {
  auto const place = AgeGrid::place_of(age);
  if (seen_[place] < kSeenMin) return std::nullopt;
  double const probability = this->probability(age);
  // One more or one less might as well have been found. At a young age, where it is older too: it is no more probable.
  double older = 0;
  for (std::size_t i = place; i < AgeGrid::kPlaces; ++i) older += seen_[i];
  return Expectation{probability + 1 / older, probability * found_stale_ / (found_stale_ + 1)};
}

void StalenessCurve::refit() const {
  struct Pool {
    double seen;
    double stale;
    double weighted_seconds;
  };
  std::array<Pool, AgeGrid::kPlaces> pools;
  std::size_t count = 0;
  for (std::size_t place = 0; place < AgeGrid::kPlaces; ++place) {
    if (seen_[place] < kSeenMin) continue;
    pools[count++] = {seen_[place], stale_[place], seen_[place] * AgeGrid::seconds_of(place)};
    while (count >= 2 &&
           pools[count - 1].stale * pools[count - 2].seen < pools[count - 2].stale * pools[count - 1].seen) {
      auto &into = pools[count - 2];
      auto const &from = pools[count - 1];
      into = {into.seen + from.seen, into.stale + from.stale, into.weighted_seconds + from.weighted_seconds};
      --count;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    points_[i] = {pools[i].weighted_seconds / pools[i].seen, pools[i].stale / pools[i].seen};
  }
  points_count_ = count;
  for (std::size_t place = 0; place < AgeGrid::kPlaces; ++place) by_place_[place] = at(AgeGrid::seconds_of(place));
  fitted_ = true;
}

double StalenessCurve::at(double seconds) const {
  if (points_count_ == 0) return 0;
  auto const begin = points_.begin();
  auto const end = begin + static_cast<std::ptrdiff_t>(points_count_);
  auto const above = std::ranges::lower_bound(begin, end, seconds, {}, &Point::seconds);
  if (above == begin) return above->probability * seconds / above->seconds;
  auto const &below = *(above - 1);
  if (above == end) {
    // All that were compared at that age were stale: so is what is older.
    if (below.probability >= 1) return 1;
    return 1 - std::pow(1 - below.probability, seconds / below.seconds);
  }
  double const share = (seconds - below.seconds) / (above->seconds - below.seconds);
  return below.probability + share * (above->probability - below.probability);
}

}  // namespace tableforge::tuner
