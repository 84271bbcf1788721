#pragma once

#include <cstdint>

namespace tableforge::ws {

/// Which end of the connection we are. Frames to the server are masked, frames to the client are not.
enum class Side : std::uint8_t { server, client };

}  // namespace tableforge::ws
