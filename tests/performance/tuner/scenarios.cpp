#include "performance/tuner/scenarios.hpp"

namespace tableforge::test {

namespace {

constexpr double kRate = 300;

LoadPhase calm(double hours) { return {.hours = hours, .reads_per_s = kRate, .writes_per_s = 4}; }
LoadPhase busy(double hours) { return {.hours = hours, .reads_per_s = kRate, .writes_per_s = 400}; }

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  all.push_back({"steady", 0, {{.hours = 12, .reads_per_s = kRate, .writes_per_s = 40}}});
  all.push_back({"writes-follow-reads",
                 51.2,
                 {{.hours = 12, .reads_per_s = kRate, .exponent = 0.99, .writes_per_s = 0, .followed = 0.1}}});
  // Other keys become hot, and such as are written more, or less.
  auto moved = busy(4);
  moved.hot = 2;
  auto moved_back = calm(4);
  moved_back.hot = 3;
  all.push_back({"hot-set move", 12.8, {calm(4), moved, moved_back}});
  auto crowd = busy(2);
  crowd.reads_per_s = 3 * kRate;
  crowd.exponent = 1.2;
  // A crawler: on top of what is usual, pages that nobody else reads.
  auto scan = calm(4);
  scan.reads_per_s = 4.0 / 3 * kRate;
  scan.scanned = 0.25;
  all.push_back({"scan", 12.8, {calm(4), scan, calm(4)}});
  all.push_back({"flash crowd", 12.8, {calm(5), crowd, calm(5)}});
  all.push_back({"write-heavy phase", 12.8, {calm(4), busy(4), calm(4)}});
  // A burst with much that changes, then hardly anybody.
  auto burst = busy(2);
  burst.reads_per_s = 2 * kRate;
  auto idle = calm(8);
  idle.reads_per_s = 6;
  all.push_back({"idle after burst", 12.8, {calm(2), burst, idle}});
  Scenario oscillating{"oscillating", 0, {}};
  for (int i = 0; i < 21; ++i) {
    oscillating.phases.push_back(calm(17.0 / 60));
    oscillating.phases.push_back(busy(17.0 / 60));
  }
  all.push_back(oscillating);
  // Seven minutes into a trial, each time.
  all.push_back({"shift mid-trial", 12.8, {calm(4 + 22.0 / 60), busy(4), calm(4)}});
  return all;
}

}  // namespace tableforge::test
