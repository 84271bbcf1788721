#include "tableforge/tuner/memory_record.hpp"

#include <algorithm>

namespace tableforge::tuner {

Result<void> MemoryRecord::append(Action const &action) {
  bool const there = std::ranges::any_of(
      lines_, [&](Action const &line) { return line.id == action.id && line.state == action.state; });
  if (there) return {};
  if (lines_.size() >= kLinesMax) {
    auto const given_up = std::ranges::find_if(
        lines_, [&](Action const &line) { return line.state != ActionState::trial || is_finished(line.id); });
    if (given_up != lines_.end()) lines_.erase(given_up);
  }
  lines_.push_back(action);
  return {};
}

Result<std::vector<Action>> MemoryRecord::unfinished(std::string_view domain) {
  std::vector<Action> found;
  for (Action const &line : lines_) {
    if (line.domain == domain && line.state == ActionState::trial && !is_finished(line.id)) found.push_back(line);
  }
  return found;
}

Result<void> MemoryRecord::remember(KnobState const &state) {
  states_[{state.domain, state.knob}] = state;
  return {};
}

Result<std::vector<KnobState>> MemoryRecord::recall(std::string_view domain) {
  std::vector<KnobState> found;
  for (auto const &[key, state] : states_) {
    if (key.first == domain) found.push_back(state);
  }
  return found;
}

Result<void> MemoryRecord::note(std::string_view, Observation const &) {
  ++observations_;
  return {};
}

bool MemoryRecord::is_finished(Uuid const &id) const {
  return std::ranges::any_of(lines_,
                             [&](Action const &line) { return line.id == id && line.state != ActionState::trial; });
}

}  // namespace tableforge::tuner
