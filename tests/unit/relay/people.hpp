#pragma once

#include <cstdint>

#include "tableforge/base/ids.hpp"

namespace tableforge::relay {

inline PlayerId player(std::uint8_t number) {
  PlayerId id;
  id.value.bytes[15] = number;
  return id;
}

}  // namespace tableforge::relay
