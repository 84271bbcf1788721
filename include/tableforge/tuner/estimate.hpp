#pragma once

#include <cstddef>
#include <span>

#include "tableforge/tuner/moments.hpp"

namespace tableforge::tuner {

/// A mean, and the interval that holds the true one with the confidence it was made for.
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
  std::size_t n = 0;
};

/// mean ± t · s / √n, Student's interval for the mean of independent values (Gosset, Biometrika 6, 1908). Of fewer than
/// two values it is all numbers, of equal ones it has no width.
[[nodiscard]] Estimate estimate_mean(std::span<double const> values, double confidence = 0.95);

/// What Welch's test says of two independent samples whose variances may differ (Welch, Biometrika 34, 1947; degrees of
/// freedom by Satterthwaite, Biometrics Bulletin 2, 1946).
struct Comparison {
  double difference = 0;  ///< The mean of the second less that of the first.
  double t = 0;           ///< The difference in standard errors.
  double dof = 0;
  double p = 1;  ///< How often equal means would differ by as much, to either side.
};

/// Of fewer than two values on a side there is nothing to say: t is 0, p is 1.
[[nodiscard]] Comparison compare_welch(Moments const &first, Moments const &second);

}  // namespace tableforge::tuner
