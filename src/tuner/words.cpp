#include "tuner/words.hpp"

#include <cmath>
#include <cstdio>

namespace tableforge::tuner {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 1e6 ? "%.6g" : "%.0f", value);
  return text;
}

std::string percent_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100 + 0.0);  // Which makes 0 of -0.
  return text;
}

std::string changes_text(std::vector<Change> const &changes) {
  std::string text;
  for (Change const &change : changes) {
    if (!text.empty()) text += ", ";
    text += change.knob + ' ' + number_text(change.from) + " -> " + number_text(change.to);
  }
  return text;
}

std::string undo_text(std::vector<Change> const &changes) {
  std::string text;
  for (Change const &change : changes) {
    if (!text.empty()) text += " && ";
    text += "tableforge tuner pin " + change.knob + '=' + number_text(change.from);
  }
  return text;
}

std::string cohort_text(TrialKind kind, Mode mode) {
  switch (kind) {
    case TrialKind::cohort: return mode == Mode::canary ? "1/16" : "1/16, then 1/2, then all";
    case TrialKind::switchback: return "all, in turns";
    case TrialKind::before_after: return "all, beside what it cannot touch";
  }
  return {};
}

}  // namespace tableforge::tuner
