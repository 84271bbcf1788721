#pragma once

/// Student's t distribution, for as many degrees of freedom as a trial has blocks, fractions included.
///
/// The distribution function is I_x(dof/2, 1/2) / 2 at x = dof / (dof + t²) (DLMF 8.17, Abramowitz and Stegun 26.7.1),
/// and I_x the continued fraction of DLMF 8.17.22, evaluated by Lentz's method. Right to 1e-10 and better.
///
/// Threads: any; pure.
namespace tableforge::tuner {

/// How likely a value of at most `t` is. `dof` is positive.
[[nodiscard]] double student_t_probability(double t, double dof);

/// The value that is not exceeded with probability `p`, which lies between 0 and 1, both excluded.
[[nodiscard]] double student_t_quantile(double p, double dof);

}  // namespace tableforge::tuner
