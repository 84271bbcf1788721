#include "tableforge/tuner/knob_memory.hpp"

namespace tableforge::tuner {

void KnobMemory::kept(Direction direction, Time now) {
  int const decision = direction == Direction::up ? 1 : -1;
  int last = 0;
  for (int const each : decisions) last = each != 0 ? each : last;
  if (last == -decision) ++reversals;
  decide(decision);
  ladder(direction).kept();
  if (recent_reversals() < kReversals) return;
  frozen_until = now + kFreeze;
  decisions.clear();
}

std::size_t KnobMemory::streak(Direction direction) const {
  int const wanted = direction == Direction::up ? 1 : -1;
  std::size_t count = 0;
  while (count < decisions.size() && decisions[decisions.size() - 1 - count] == wanted) ++count;
  return count;
}

void KnobMemory::failed(Direction direction) {
  decide(0);
  ladder(direction).failed();
}

void KnobMemory::decide(int decision) {
  if (decisions.size() == kDecisions) decisions.erase(decisions.begin());
  decisions.push_back(decision);
}

std::size_t KnobMemory::recent_reversals() const {
  std::size_t count = 0;
  int last = 0;
  for (int const decision : decisions) {
    if (decision == 0) continue;
    if (last == -decision) ++count;
    last = decision;
  }
  return count;
}

}  // namespace tableforge::tuner
