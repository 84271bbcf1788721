#pragma once

#include <cstddef>

#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::app {

/// The words of the metrics' labels: every operation, error code and route there is.
metrics::Vocabulary vocabulary();

/// Where the admin routes begin among the vocabulary's; the public ones begin at 0.
std::size_t first_admin_route();

}  // namespace tableforge::app
