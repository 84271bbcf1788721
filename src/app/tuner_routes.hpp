#pragma once

#include <string_view>
#include <vector>

#include "tableforge/gateway/http.hpp"

#include "app/operator_token.hpp"
#include "app/tuning.hpp"

namespace tableforge::app {

/// /admin/tuner and what is below it, for who has the operators' token. The tuning outlives the router.
///
/// Threads: the housekeeping thread; what the tuner is asked happens on its own, which may be busy with the database.
void add_tuner_routes(gateway::Router &router, OperatorToken const &token, Tuning &tuning);

/// Their patterns, in the order of their addition.
std::vector<std::string_view> tuner_patterns();

}  // namespace tableforge::app
