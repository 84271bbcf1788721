#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/load/load_report.hpp"

namespace tableforge::test {

// What the tests conclude from stages that were measured. Pure, so that each bar can be seen to fail on figures made up
// for it. Ratios within one run only: what a machine makes of a rate is its own affair.

double deliveries_per_second(load::LoadStage const &stage);
/// Seconds of the server's CPU per delivery; nothing if either was not measured.
std::optional<double> cpu_per_delivery(load::LoadStage const &stage);
/// Of what was sent: what was answered with an error.
double refused_share(load::LoadStage const &stage);

/// Whether what was offered came through: nearly every action accepted, nearly all presence delivered, and a median
/// that a queue has not multiplied against that of the `easiest` stage.
bool carried(load::LoadStage const &stage, load::LoadStage const &easiest);

/// The last of the stages, in rising order of load, up to which all were carried. Nothing if the first was not.
std::optional<std::size_t> knee_of(std::vector<load::LoadStage> const &stages);

/// Deliveries per offered message, as a share of those of the `base` stage: 1 is linear.
double linearity(load::LoadStage const &stage, load::LoadStage const &base);

/// When a time line was first back after a disturbance, in seconds after its end.
struct Recovery {
  std::chrono::nanoseconds p99_before{0};
  std::optional<double> seconds;  ///< Nothing if it never was.
};
/// Back is where the median p99 of three successive samples is within `factor` of the median before: a single
/// second has few actions, and its p99 jumps by itself.
Recovery recovery_of(std::vector<load::LoadSample> const &samples, double disturbed_at, double disturbed_until,
                     double factor);

}  // namespace tableforge::test
