#pragma once

#include <cmath>

namespace tableforge::tuner {

/// Count, mean and variance of numbers that are not kept.
///
/// Added one by one they are Welford's (Technometrics 4, 1962), put together and taken apart Chan, Golub and LeVeque's
/// (Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979).
///
/// What has been counted since an earlier look is a difference: pg_stat_statements keeps calls, mean and the
/// population's deviation since its reset, and so the variance of a window is exact.
///
/// Threads: one.
class Moments {
 public:
  Moments() = default;

  /// From the standard deviation of a population, which is what pg_stat_statements tells.
  [[nodiscard]] static Moments of_population(double count, double mean, double deviation) {
    return Moments(count, mean, deviation * deviation * count);
  }

  void add(double value) {
    count_ += 1;
    double const delta = value - mean_;
    mean_ += delta / count_;
    squares_ += delta * (value - mean_);
  }

  void merge(Moments const &other) {
    if (other.count_ <= 0) return;
    double const count = count_ + other.count_;
    double const delta = other.mean_ - mean_;
    squares_ += other.squares_ + delta * delta * count_ * other.count_ / count;
    mean_ += delta * other.count_ / count;
    count_ = count;
  }

  /// What came after `earlier`, which is a beginning of this.
  [[nodiscard]] Moments since(Moments const &earlier) const {
    double const count = count_ - earlier.count_;
    if (count <= 0) return {};
    double const mean = mean_ + (mean_ - earlier.mean_) * earlier.count_ / count;
    double const delta = mean - earlier.mean_;
    double const squares = squares_ - earlier.squares_ - delta * delta * count * earlier.count_ / count_;
    // Less than nothing is what rounding left.
    return Moments(count, mean, squares > 0 ? squares : 0);
  }

  [[nodiscard]] double count() const { return count_; }
  [[nodiscard]] double mean() const { return mean_; }
  /// Of the sample: divided by one less than the count. 0 of fewer than two.
  [[nodiscard]] double variance() const { return count_ > 1 ? squares_ / (count_ - 1) : 0; }
  [[nodiscard]] double deviation() const { return std::sqrt(variance()); }

 private:
  Moments(double count, double mean, double squares) : count_(count), mean_(mean), squares_(squares) {}

  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  ///< Of the differences from the mean.
};

}  // namespace tableforge::tuner
