#pragma once

#include <string>
#include <string_view>

namespace tableforge::gateway {

/// What a request is called in the log: the name a trusted proxy gave it, if that is 1 to 64 letters, digits, dots,
/// dashes or underscores, else sixteen random digits.
[[nodiscard]] std::string request_id(std::string_view given);

}  // namespace tableforge::gateway
