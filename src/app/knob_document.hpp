#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "tableforge/knobs/knob_set.hpp"

#include "gateway/refusal.hpp"

/// Knobs as operators see them in JSON.
namespace tableforge::app {

/// {"name","unit","help","min","max","initial","value"}
std::string knob_document(AnyKnob const &knob);
/// {"knobs":[…]}, in the order of their declaration.
std::string knobs_document(KnobSet const &knobs);

/// The number of {"value": …}, which is all that a request to turn a knob holds.
std::expected<double, gateway::Refusal> knob_value(std::string_view body);

/// "1 to 4096 rows", for a person.
std::string knob_range(AnyKnob const &knob);

}  // namespace tableforge::app
