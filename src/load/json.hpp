#pragma once

#include <nlohmann/json.hpp>

namespace tableforge::load {

/// Object keys are sorted, so two equal values have the same text.
using Json = nlohmann::json;

}  // namespace tableforge::load
