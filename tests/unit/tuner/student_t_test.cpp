#include "tableforge/tuner/student_t.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

TEST(StudentT, AgreesWithThePrintedTable) {
  // Percentage points as in any table of the distribution, rounded to three places.
  EXPECT_NEAR(student_t_quantile(0.975, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 5), 2.015, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 11), 2.201, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.995, 11), 3.106, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 30), 2.042, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.9995, 4), 8.610, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.975, 1e7), 1.960, 5e-4);
}

TEST(StudentT, AgreesWithTheClosedForms) {
  // With one degree of freedom it is Cauchy's distribution, with two 1/2 + t / (2 √(2 + t²)).
  for (double const t : {-30.0, -2.5, -0.1, 0.0, 0.7, 1.0, 8.0}) {
    EXPECT_NEAR(student_t_probability(t, 1), 0.5 + std::atan(t) / std::numbers::pi, 1e-12) << t;
    EXPECT_NEAR(student_t_probability(t, 2), 0.5 + t / (2 * std::sqrt(2 + t * t)), 1e-12) << t;
  }
}

TEST(StudentT, IsSymmetricAndInvertsItself) {
  for (double const dof : {1.0, 3.7, 11.0, 250.0}) {
    for (double const p : {0.001, 0.3, 0.5, 0.9, 0.999}) {
      EXPECT_NEAR(student_t_probability(student_t_quantile(p, dof), dof), p, 1e-12) << p << ' ' << dof;
      EXPECT_NEAR(student_t_quantile(p, dof), -student_t_quantile(1 - p, dof), 1e-9) << p << ' ' << dof;
    }
  }
}

TEST(StudentT, EndsAtCertainty) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(student_t_probability(kInfinity, 3), 1);
  EXPECT_EQ(student_t_probability(-kInfinity, 3), 0);
}

}  // namespace
}  // namespace tableforge::tuner
