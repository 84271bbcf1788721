#pragma once

#include <string_view>
#include <vector>

#include "tableforge/gateway/http.hpp"

namespace tableforge::gateway {

/// What describes the protocol, served as it is: /asyncapi.json and /openapi.json. The texts outlive the router.
void add_document_routes(Router &router, std::string_view asyncapi, std::string_view openapi);

/// The patterns, in the order of their addition.
std::vector<std::string_view> document_patterns();

}  // namespace tableforge::gateway
