#pragma once

#include <functional>
#include <string_view>

#include "tableforge/base/result.hpp"
#include "tableforge/lobby/tokens.hpp"

namespace tableforge::gateway {

/// Whom a token speaks for, and until when: a connection does not outlive its token.
using lobby::Identity;

/// Judges a bearer token. Called on any shard, so it neither blocks nor shares state without care.
/// Errors: unauthorized for a token that is forged, malformed or expired.
using TokenVerifier = std::function<Result<Identity>(std::string_view token)>;

}  // namespace tableforge::gateway
