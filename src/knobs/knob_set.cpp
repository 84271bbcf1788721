#include "tableforge/knobs/knob_set.hpp"

#include "tableforge/base/check.hpp"

namespace tableforge {

void KnobSet::enlist(AnyKnob &knob) {
  TF_CHECK(find(knob.info().name) == nullptr);
  knobs_.push_back(&knob);
}

AnyKnob const *KnobSet::find(std::string_view name) const {
  for (AnyKnob const *knob : knobs_) {
    if (knob->info().name == name) return knob;
  }
  return nullptr;
}

AnyKnob *KnobSet::find(std::string_view name) {
  return const_cast<AnyKnob *>(static_cast<KnobSet const *>(this)->find(name));
}

}  // namespace tableforge
