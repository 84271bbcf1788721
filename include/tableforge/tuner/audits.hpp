#pragma once

namespace tableforge::tuner {

/// What comparing cached values with the database has found, beside what was expected by all comparisons before: by
/// whether the two agree it is known whether the load is still the one that was learnt. Only of ages of which enough
/// was known.
struct Audits {
  double stale = 0;  ///< Found.
  double most = 0;   ///< Expected, at the most,
  double least = 0;  ///< and at the least.

  Audits &operator+=(Audits const &other) {
    stale += other.stale;
    most += other.most;
    least += other.least;
    return *this;
  }
  Audits &operator-=(Audits const &other) {
    stale -= other.stale;
    most -= other.most;
    least -= other.least;
    return *this;
  }
};

}  // namespace tableforge::tuner
