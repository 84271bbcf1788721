#pragma once

#include <string_view>
#include <vector>

#include "tableforge/gateway/http.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"

#include "app/readiness.hpp"

namespace tableforge::app {

/// /healthz, /readyz and /metrics. All three outlive the router.
///
/// Threads: the housekeeping thread, which may take the millisecond that /metrics costs.
void add_admin_routes(gateway::Router &router, Readiness const &readiness, metrics::Catalogue const &metrics,
                      Knobs const &knobs);

/// Their patterns, in the order of their addition.
std::vector<std::string_view> admin_patterns();

}  // namespace tableforge::app
