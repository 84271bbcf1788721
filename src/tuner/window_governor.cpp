#include "tableforge/tuner/window_governor.hpp"

#include <chrono>
#include <cmath>
#include <utility>

namespace tableforge::tuner {

namespace {

constexpr std::chrono::seconds kSecond{1};
/// Below half a message within the longest window, waiting delays and gathers nothing.
constexpr double kGatherMin = 0.5;

double p99_ms(metrics::HistogramSnapshot const &values) { return static_cast<double>(values.quantile(0.99)) / 1e6; }

}  // namespace

template <class T>
void WindowGovernor::Held<T>::set(double value) {
  lost = lost || knob.number() != mine;
  // All values are within the bounds, which are wider than the law's.
  if (!lost && knob.set_number(value)) mine = value;
}

WindowGovernor::WindowGovernor(Fanout const &fanout, Knobs &knobs)
    : fanout_(fanout),
      knobs_(knobs),
      allowance_{knobs.presence_allowance, knobs.presence_allowance.number(), knobs.presence_allowance.number()},
      batch_least_{knobs.presence_batch_least, knobs.presence_batch_least.number(),
                   knobs.presence_batch_least.number()},
      gather_min_{knobs.presence_gather_min, knobs.presence_gather_min.number(), knobs.presence_gather_min.number()} {}

WindowLaw::Second WindowGovernor::second() {
  auto now = fanout_.counts();
  auto const before = std::exchange(seen_, now);
  auto const answers = now.answers.since(before.answers);
  auto const waits = now.waits.since(before.waits);
  return {.answers = static_cast<double>(answers.count()),
          .p99_ms = p99_ms(answers),
          .waits = static_cast<double>(waits.count()),
          .wait_p99_ms = p99_ms(waits),
          .turn_p99_ms = p99_ms(now.turns.since(before.turns))};
}

void WindowGovernor::step(Time now, Mode mode) {
  if (mode != Mode::auto_) return end();
  if (next_ && now < *next_) return;
  bool const begins = !law_;
  next_ = now + kSecond;
  auto const seen = second();
  if (begins) {
    law_.emplace();
    gather_min_.set(kGatherMin);
    return;  // What was counted is of longer than a second.
  }
  auto const ruled = law_->next(seen, {.objective_ms = knobs_.latency_objective.number(),
                                       .share = knobs_.presence_budget_share.get(),
                                       .longest_ms = knobs_.presence_window.number()});
  allowance_.set(std::floor(ruled.allowance_ms * 1000));
  batch_least_.set(ruled.batch_least);
}

void WindowGovernor::end() {
  if (!law_) return;
  law_.reset();
  next_.reset();
  allowance_.set(allowance_.boot);
  batch_least_.set(batch_least_.boot);
  gather_min_.set(gather_min_.boot);
}

}  // namespace tableforge::tuner
