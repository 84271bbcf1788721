#include "tableforge/tuner/estimate.hpp"

#include <cmath>
#include <limits>

#include "tableforge/tuner/student_t.hpp"

namespace tableforge::tuner {

Estimate estimate_mean(std::span<double const> values, double confidence) {
  constexpr double kAll = std::numeric_limits<double>::infinity();
  Moments moments;
  for (double const value : values) moments.add(value);
  auto const n = values.size();
  if (n < 2) return {moments.mean(), -kAll, kAll, n};
  double const error = std::sqrt(moments.variance() / moments.count());
  double const reach = error > 0 ? error * student_t_quantile((1 + confidence) / 2, moments.count() - 1) : 0;
  return {moments.mean(), moments.mean() - reach, moments.mean() + reach, n};
}

Comparison compare_welch(Moments const &first, Moments const &second) {
  Comparison result{.difference = second.mean() - first.mean()};
  if (first.count() < 2 || second.count() < 2) return result;
  double const part1 = first.variance() / first.count();
  double const part2 = second.variance() / second.count();
  double const both = part1 + part2;
  if (both <= 0) {
    // No spread at all: any difference is certain.
    result.dof = first.count() + second.count() - 2;
    if (result.difference != 0) {
      result.t = std::copysign(std::numeric_limits<double>::infinity(), result.difference);
      result.p = 0;
    }
    return result;
  }
  result.t = result.difference / std::sqrt(both);
  result.dof = both * both / (part1 * part1 / (first.count() - 1) + part2 * part2 / (second.count() - 1));
  result.p = 2 * student_t_probability(-std::abs(result.t), result.dof);
  return result;
}

}  // namespace tableforge::tuner
