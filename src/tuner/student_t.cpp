#include "tableforge/tuner/student_t.hpp"

#include <cmath>

#include "tableforge/base/check.hpp"

namespace tableforge::tuner {

namespace {

/// The continued fraction of I_x(a, b); converges quickly for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;  // Lentz: what stands for a zero that would be divided by.
  constexpr double kEnough = 1e-15;
  constexpr int kTermsMax = 500;
  auto const away_from_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kTermsMax; ++m) {
    double const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= c * d;
    double const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    fraction *= c * d;
    if (std::abs(c * d - 1) < kEnough) break;
  }
  return fraction;
}

/// I_x(a, b), the regularised incomplete beta function.
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  double const log_front = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return std::exp(log_front) * beta_fraction(a, b, x) / a;
  return 1 - std::exp(log_front) * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double student_t_probability(double t, double dof) {
  TF_CHECK(dof > 0);
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  double const beyond = incomplete_beta(dof / 2, 0.5, dof / (dof + t * t)) / 2;
  return t > 0 ? 1 - beyond : beyond;
}

double student_t_quantile(double p, double dof) {
  TF_CHECK(p > 0 && p < 1 && dof > 0);
  if (p < 0.5) return -student_t_quantile(1 - p, dof);
  double low = 0;
  double high = 1;
  while (student_t_probability(high, dof) < p) {
    low = high;
    high *= 2;
  }
  while (true) {
    double const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;  // Nothing lies between them any more.
    (student_t_probability(middle, dof) < p ? low : high) = middle;
  }
}

}  // namespace tableforge::tuner
