#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "tableforge/gateway/http.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/catalogue.hpp"

#include "app/operator_token.hpp"
#include "app/readiness.hpp"
#include "app/tuning.hpp"

namespace tableforge::app {

/// What operators look at and turn. All of it outlives the router.
struct AdminParts {
  Readiness const &readiness;
  metrics::Catalogue &metrics;
  Knobs &knobs;
  Tuning &tuning;
  OperatorToken token;
  bool metrics_need_token = false;
  std::function<void()> drain;  ///< Begins an orderly shutdown, at its first call. Any thread.
};

/// /healthz and /readyz for everybody who reaches the listener, and /metrics unless it is to need the token;
/// /admin/knobs, /admin/drain and /admin/tuner for who has the token.
///
/// Threads: the housekeeping thread, which may take the millisecond that /metrics costs.
void add_admin_routes(gateway::Router &router, AdminParts parts);

/// Their patterns, in the order of their addition.
std::vector<std::string_view> admin_patterns();

}  // namespace tableforge::app
