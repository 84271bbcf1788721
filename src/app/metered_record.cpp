#include "app/metered_record.hpp"

#include "tableforge/log/log.hpp"

namespace tableforge::app {

static_assert(Words<metrics::TrialVerdict>::words == Words<tuner::Verdict>::words);

Result<void> MeteredRecord::append(tuner::Action const &action) {
  auto written = record_.append(action);
  if (written && action.verdict) count(action);
  return written;
}

void MeteredRecord::count(tuner::Action const &action) {
  auto const domain = from_word<metrics::TunerDomain>(action.domain);
  if (!domain) return;
  metrics_.trials.at(*domain, *action.verdict).add();
  if (action.state != tuner::ActionState::kept) metrics_.rollbacks.at(*domain, *action.verdict).add();
  metrics_.predicted_gain.at(*domain).set(action.predicted_gain);
  if (action.realised_gain) metrics_.realised_gain.at(*domain).set(*action.realised_gain);
  log::info("the tuner ended a trial", {{"domain", action.domain},
                                        {"knob", action.changes.front().knob},
                                        {"from", action.changes.front().from},
                                        {"to", action.changes.front().to},
                                        {"state", word(action.state)},
                                        {"verdict", word(*action.verdict)},
                                        {"why", action.reason}});
}

}  // namespace tableforge::app
