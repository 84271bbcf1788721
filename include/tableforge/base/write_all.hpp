#pragma once

#include <string_view>

namespace tableforge {

/// All of it, to a descriptor that blocks. False: errno says why, and some of it may be written.
[[nodiscard]] bool write_all(int file, std::string_view text);

}  // namespace tableforge
